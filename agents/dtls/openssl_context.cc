#include "agents/dtls/openssl_context.h"

#include "agents/dtls/openssl_types.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include <array>
#include <cstddef>
#include <utility>

namespace rtclab::dtls {
namespace {

thread_local Rng* current_rng = nullptr;

// The provider's functions, in the form that provider-rand(7) asks for.
struct RandState {
  int state = EVP_RAND_STATE_UNINITIALISED;
};
void* rand_new(void* /*provider*/, void* /*parent*/, const OSSL_DISPATCH* /*parent_calls*/) {
  return new RandState;
}
void rand_free(void* context) {
  delete static_cast<RandState*>(context);
}
int rand_instantiate(void* context, unsigned /*strength*/, int /*prediction_resistance*/,
                     const unsigned char* /*personalisation*/, std::size_t /*size*/,
                     const OSSL_PARAM /*params*/[]) {
  static_cast<RandState*>(context)->state = EVP_RAND_STATE_READY;
  return 1;
}
int rand_uninstantiate(void* context) {
  static_cast<RandState*>(context)->state = EVP_RAND_STATE_UNINITIALISED;
  return 1;
}
int rand_generate(void* /*context*/, unsigned char* out, std::size_t size, unsigned /*strength*/,
                  int /*prediction_resistance*/, const unsigned char* /*additional*/,
                  std::size_t /*size*/) {
  if (current_rng == nullptr)
    return 0;  // a call outside WithRng is our bug; never fall back on entropy
  current_rng->fill({reinterpret_cast<std::byte*>(out), size});
  return 1;
}
int rand_reseed(void* /*context*/, int /*prediction_resistance*/, const unsigned char* /*entropy*/,
                std::size_t /*entropy_size*/, const unsigned char* /*additional*/,
                std::size_t /*size*/) {
  return 1;
}
int rand_enable_locking(void* /*context*/) {
  return 1;
}
int rand_lock(void* /*context*/) {
  return 1;
}
void rand_unlock(void* /*context*/) {}
const OSSL_PARAM* rand_gettable(void* /*context*/, void* /*provider*/) {
  static const OSSL_PARAM kParams[] = {OSSL_PARAM_int(OSSL_RAND_PARAM_STATE, nullptr),
                                       OSSL_PARAM_uint(OSSL_RAND_PARAM_STRENGTH, nullptr),
                                       OSSL_PARAM_size_t(OSSL_RAND_PARAM_MAX_REQUEST, nullptr),
                                       OSSL_PARAM_END};
  return kParams;
}
int rand_get(void* context, OSSL_PARAM params[]) {
  if (auto* p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STATE)) {
    OSSL_PARAM_set_int(p, static_cast<RandState*>(context)->state);
  }
  if (auto* p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STRENGTH)) OSSL_PARAM_set_uint(p, 256);
  if (auto* p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_MAX_REQUEST))
    OSSL_PARAM_set_size_t(p, 1u << 20u);
  return 1;
}

using AnyFunction = void (*)();
template <class F>
OSSL_DISPATCH entry(int id, F* function) {
  return {id, reinterpret_cast<AnyFunction>(function)};
}

const OSSL_ALGORITHM* rand_query(void* /*provider*/, int operation, int* no_cache) {
  static const std::array kFunctions{entry(OSSL_FUNC_RAND_NEWCTX, rand_new),
                                     entry(OSSL_FUNC_RAND_FREECTX, rand_free),
                                     entry(OSSL_FUNC_RAND_INSTANTIATE, rand_instantiate),
                                     entry(OSSL_FUNC_RAND_UNINSTANTIATE, rand_uninstantiate),
                                     entry(OSSL_FUNC_RAND_GENERATE, rand_generate),
                                     entry(OSSL_FUNC_RAND_RESEED, rand_reseed),
                                     entry(OSSL_FUNC_RAND_ENABLE_LOCKING, rand_enable_locking),
                                     entry(OSSL_FUNC_RAND_LOCK, rand_lock),
                                     entry(OSSL_FUNC_RAND_UNLOCK, rand_unlock),
                                     entry(OSSL_FUNC_RAND_GETTABLE_CTX_PARAMS, rand_gettable),
                                     entry(OSSL_FUNC_RAND_GET_CTX_PARAMS, rand_get),
                                     OSSL_DISPATCH{0, nullptr}};
  static const std::array kAlgorithms{OSSL_ALGORITHM{"RTCLAB-RAND", "provider=rtclab-rand",
                                                     kFunctions.data(), "the current agent's Rng"},
                                      OSSL_ALGORITHM{nullptr, nullptr, nullptr, nullptr}};
  *no_cache = 0;
  return operation == OSSL_OP_RAND ? kAlgorithms.data() : nullptr;
}
void rand_teardown(void* /*provider*/) {}
int rand_init(const OSSL_CORE_HANDLE* /*handle*/, const OSSL_DISPATCH* /*in*/,
              const OSSL_DISPATCH** out, void** provider) {
  static const std::array kFunctions{entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, rand_query),
                                     entry(OSSL_FUNC_PROVIDER_TEARDOWN, rand_teardown),
                                     OSSL_DISPATCH{0, nullptr}};
  static char token = 0;  // the library wants a non-null provider context
  *out = kFunctions.data();
  *provider = &token;
  return 1;
}

OSSL_LIB_CTX* make_context() {
  // The machine's openssl.cnf must not decide what our octets look like.
  must(OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1);
  SeededRng set_up{0};  // what the set-up may draw must not be missed by the agent that is first
  const WithRng with{set_up};
  auto* const context = OSSL_LIB_CTX_new();
  must(context != nullptr && OSSL_PROVIDER_add_builtin(context, "rtclab-rand", rand_init) == 1);
  must(OSSL_PROVIDER_load(context, "rtclab-rand") != nullptr);
  must(OSSL_PROVIDER_load(context, "default") != nullptr);
  must(RAND_set_DRBG_type(context, "RTCLAB-RAND", "provider=rtclab-rand", nullptr, nullptr) == 1);
  return context;
}

}  // namespace

OSSL_LIB_CTX* openssl_context() {
  static auto* const kInstance = make_context();
  return kInstance;
}

WithRng::WithRng(Rng& rng) : before_{std::exchange(current_rng, &rng)} {}
WithRng::~WithRng() {
  current_rng = before_;
}

}  // namespace rtclab::dtls
