// The composition root: an engine with the parts that this build has.
#include "runtime/api/wire.h"
#include "runtime/engine/epoch.h"

namespace writ {

std::unique_ptr<Engine> Engine::create(const EngineOptions& options) {
  auto state = std::make_unique<State>();
  state->options = options;
  state->take_recorder(options.recorder);
  state->numbers = state->options.recorder != nullptr &&
                   state->options.recorder->form() == audit::Recorder::Form::Numbers;
  state->quick_numbers = state->numbers && engine::epoch::is_quick();
  state->native = api::native_factory();
  return std::make_unique<Engine>(std::move(state));
}

}  // namespace writ
