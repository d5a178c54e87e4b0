#include "tests/simulator/access.h"

#include <algorithm>
#include <cctype>

namespace armada_cache::simulator {
namespace {

std::string base64(std::string_view text) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = bits << 8U | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool padding = i + j > text.size();
      out.push_back(padding ? '=' : kDigits[bits >> (18 - 6 * j) & 63U]);
    }
  }
  return out;
}

// The scheme in lower case, the rest as it is.
std::string normalize(std::string_view header) {
  std::string out(header);
  const std::size_t end = std::min(out.find(' '), out.size());
  std::transform(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(end), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Credentials::Credentials(const std::vector<UserOptions>& users) {
  for (const UserOptions& user : users) {
    users_by_header_["basic " + base64(user.name + ":" + user.password)] = user.name;
    if (!user.token.empty()) users_by_header_["bearer " + user.token] = user.name;
  }
}

base::Result<std::string> Credentials::authenticate(std::string_view authorization) const {
  if (users_by_header_.empty()) return std::string("anonymous");
  const auto at = users_by_header_.find(normalize(authorization));
  if (at != users_by_header_.end()) return at->second;
  return base::fail(base::ErrorCode::kUnauthenticated,
                    authorization.empty() ? "no credentials were sent" : "bad credentials");
}

bool Queues::add(const Queue& queue) {
  const std::lock_guard lock(mutex_);
  return queues_.try_emplace(queue.name, queue).second;
}

std::optional<Queue> Queues::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto at = queues_.find(name);
  if (at == queues_.end()) return std::nullopt;
  return at->second;
}

bool Queues::may(const std::string& user, const std::string& verb, const std::string& queue) const {
  const std::optional<Queue> found = find(queue);
  if (!found) return false;
  if (found->open || contains(found->user_owners, user)) return true;
  return std::any_of(found->permissions.begin(), found->permissions.end(),
                     [&](const Permission& permission) {
                       return contains(permission.verbs, verb) &&
                              std::any_of(permission.subjects.begin(), permission.subjects.end(),
                                          [&](const Permission::Subject& subject) {
                                            return subject.kind == "User" && subject.name == user;
                                          });
                     });
}

Queue queue_from(const QueueOptions& options) {
  Queue queue;
  queue.name = options.name;
  queue.user_owners = options.owners;
  queue.open = options.owners.empty() && options.watchers.empty();
  Permission watch;
  watch.verbs = {"watch"};
  for (const std::string& name : options.watchers) watch.subjects.push_back({"User", name});
  queue.permissions.push_back(std::move(watch));
  return queue;
}

}  // namespace armada_cache::simulator
