#include "tests/simulator/simulator.h"

#include "armada/api/event.pb.h"
#include "core/base/log.h"
#include "tests/simulator/engine.h"
#include "tests/simulator/server.h"

namespace armada_cache::simulator {
namespace {

const base::Clock& system_clock() {
  static const base::SystemClock clock;
  return clock;
}

}  // namespace

struct Simulator::Parts {
  Parts(const Options& options, const base::Clock& clock)
      : world(options, clock), engine(world, timers), server(world, engine, timers) {}

  base::Status start_once() {
    if (started) return {};
    started = true;
    const Options& options = world.options();
    if (options.faults.restart_every.count() > 0) restart_later();
    if (!options.account_file.empty()) write_account_later();
    return engine.start();
  }

  void restart_later() {
    timers.after(world.options().faults.restart_every, [this] {
      server.stop();
      if (const auto address = server.start(); !address) {
        base::log_error("simulator cannot restart", {{"error", address.error().message}});
      }
      restart_later();
    });
  }

  void write_account_later() {
    timers.after(world.options().account_period, [this] {
      if (world.version() != written_version) write();
      write_account_later();
    });
  }

  void write() {
    written_version = world.version();
    const auto written = write_account(account(), world.options().account_file);
    if (!written) base::log_error("account not written", {{"error", written.error().message}});
  }

  Account account() const {
    const bool made = engine.done();
    Account account = world.account();
    account.made = made;
    account.ended = account.ended && made;
    return account;
  }

  World world;
  Timers timers;
  Engine engine;
  Server server;
  bool started = false;
  std::uint64_t written_version = UINT64_MAX;
};

Simulator::Simulator(const Options& options) : Simulator(options, system_clock()) {}

Simulator::Simulator(const Options& options, const base::Clock& clock)
    : parts_(std::make_unique<Parts>(options, clock)) {}

Simulator::~Simulator() {
  parts_->timers.stop();
  parts_->server.stop();
  if (!parts_->world.options().account_file.empty() && parts_->started) parts_->write();
}

base::Result<std::string> Simulator::start() {
  if (const auto started = parts_->start_once(); !started) return tl::unexpected(started.error());
  return parts_->server.start();
}

void Simulator::stop() {
  parts_->server.stop();
}

base::Result<std::string> Simulator::restart() {
  stop();
  return start();
}

void Simulator::disconnect_all() {
  parts_->server.disconnect_all();
}

void Simulator::add_queue(const QueueOptions& queue) {
  parts_->world.queues().add(queue_from(queue));
}

void Simulator::emit(const base::JobSet& job_set, const std::vector<api::EventMessage>& events) {
  add_queue({job_set.queue});
  parts_->world.emit(job_set, events);
}

void Simulator::emit_untrue(const base::JobSet& job_set, std::string event) {
  add_queue({job_set.queue});
  parts_->world.emit_untrue(job_set, {{std::move(event), JobSetStream::Form::kEvent}});
}

void Simulator::emit_raw(const base::JobSet& job_set, std::string bytes) {
  add_queue({job_set.queue});
  parts_->world.emit_untrue(job_set, {{std::move(bytes), JobSetStream::Form::kRaw}});
}

void Simulator::emit_recorded(const base::JobSet& job_set, std::string message) {
  add_queue({job_set.queue});
  parts_->world.emit_recorded(job_set, std::move(message));
}

void Simulator::trim(const base::JobSet& job_set, std::size_t keep) {
  if (const auto stream = parts_->world.find_stream(job_set)) stream->trim(keep);
}

base::Result<std::string> Simulator::submit(const base::JobSet& job_set, const api::Job& job) {
  add_queue({job_set.queue});
  return parts_->engine.submit(job_set, job);
}

bool Simulator::cancel(const base::JobSet& job_set, const std::string& job_id) {
  return parts_->engine.cancel(job_set, job_id, {"anonymous", ""});
}

void Simulator::end_load() {
  parts_->engine.end_load();
}

Account Simulator::account() const {
  return parts_->account();
}

JobSetStream::Readers Simulator::readers(const base::JobSet& job_set) const {
  const auto stream = parts_->world.find_stream(job_set);
  return stream ? stream->readers() : JobSetStream::Readers();
}

bool Simulator::made() const {
  return parts_->engine.done();
}

bool Simulator::ended() const {
  return made() && parts_->world.ask([](const Oracle& oracle) { return oracle.live() == 0; });
}

}  // namespace armada_cache::simulator
