// Limits on what a job record keeps of the texts in events.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace armada_cache::job {

// Reasons and errors. Container messages and cancel reasons come from users and have no limit of
// their own; a person reads no more, and a record must not grow with whatever somebody prints.
inline constexpr std::size_t kMaxTextBytes = 64 * 1024;
// The error of a run that is not the latest: kept for people only, and there can be many.
inline constexpr std::size_t kMaxOldErrorBytes = 1024;
// Names: clusters, nodes, pools, namespaces, users, addresses. Kubernetes allows 253.
inline constexpr std::size_t kMaxNameBytes = 1024;
// An external URI is matched whole, so a longer one is left out instead of being cut.
inline constexpr std::size_t kMaxUriBytes = 8 * 1024;

// The text, or its beginning cut between two UTF-8 characters, with a mark at the end that says so;
// never longer than `limit`, which must be at least 64.
std::string cut(std::string_view text, std::size_t limit);

}  // namespace armada_cache::job
