// Compares what a file holds with what its grammar knows, and remembers the first that it does not.
#pragma once

#include "topologies/xml_document.h"

namespace rtclab::xml {

// What the parser lets pass and XML does not, anything beside the one element at the top; and
// whether that element is the grammar's.
void check_top(const Element::Document& document, const Grammar& grammar);

// A file that stands in place of an <include> in an element with that rule, all of it.
void check_fragment(const Element::Document& document, const ElementRule& place);

// Every element and attribute inside. Precondition: check_top() found nothing to complain of.
void check_elements(const Element::Document& document, const Grammar& grammar);

}  // namespace rtclab::xml
