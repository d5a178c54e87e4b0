// Ids as Armada makes them.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/upstream_id.h"

namespace armada_cache::simulator {

using Random = std::mt19937_64;

// A job id: a ULID of 26 lower-case characters, of this time and of the seed's randomness.
std::string make_job_id(base::Time now, Random& random);

// A number that looks random and is the same for the same text and salt.
std::uint64_t scramble(std::string_view text, std::uint64_t salt);

// The Kubernetes id of a job's run, in the form of a UUID; the same at each call.
std::string kubernetes_id(std::string_view job_id, std::uint32_t run);

// "<ms>:<seq>:<index>:<last>".
std::string to_text(base::UpstreamId id, bool last);

// True with a chance of `probability`; takes nothing from `random` where that is 0.
bool happens(double probability, Random& random);

}  // namespace armada_cache::simulator
