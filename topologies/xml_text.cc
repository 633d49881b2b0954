// A file written out again, without what only stands for something else.
#include "topologies/xml_document.h"
#include "topologies/xml_file.h"

#include <sstream>

namespace rtclab::xml {

struct Element::Writer {
  static void write(const Element& element, pugi::xml_node to) {
    const pugi::xml_node from{element.node_};
    for (const auto& attribute : from.attributes()) {
      const std::string_view name = attribute.name();
      if (name.starts_with("xmlns") || name.starts_with("xsi:")) continue;
      // The number of a round is known only where the rounds are.
      const auto text = substitute(attribute.value(), *element.scope_, [](const auto&) {});
      to.append_attribute(attribute.name()).set_value(text.c_str());
    }
    if (const auto text = element.content(); !text.empty())
      to.append_child(pugi::node_pcdata).set_value(text.c_str());
    for (const auto& child : element.children())
      write(child, to.append_child(std::string{child.name()}.c_str()));
  }
};

std::string XmlFile::to_text() const {
  pugi::xml_document document;
  const auto top = root();
  Element::Writer::write(top, document.append_child(std::string{top.name()}.c_str()));
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

}  // namespace rtclab::xml
