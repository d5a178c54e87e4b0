#include "ingest/stream_end.h"

#include <string_view>

namespace armada_cache::ingest {
namespace {

using base::ErrorCode;

// Armada puts the name of the call in brackets before its text.
std::string_view without_call_name(std::string_view message) {
  const std::size_t end = message.starts_with('[') ? message.find("] ") : std::string_view::npos;
  return end == std::string_view::npos ? message : message.substr(end + 2);
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

StreamVerdict judge_not_found(const std::string& message, std::string error) {
  const std::string_view text = without_call_name(message);
  if (text.starts_with("Jobset ")) return {EndMeaning::kNoJobSet, std::move(error)};
  if (text.starts_with("Queue ")) return {EndMeaning::kNoQueue, std::move(error)};
  return {EndMeaning::kRetry, std::move(error)};
}

StreamVerdict judge_unknown(const std::string& message, bool from_start, std::string error) {
  const bool cursor_refused = contains(message, "Could not convert legacy message id");
  if (cursor_refused && !from_start) return {EndMeaning::kBadCursor, std::move(error)};
  return {EndMeaning::kRetry, std::move(error)};
}

std::string explain(const base::Error& error) {
  std::string text = "Armada: " + std::string(base::name_of(error.code)) + ": " + error.message;
  if (error.code == ErrorCode::kResourceExhausted && contains(error.message, "larger than max")) {
    text += "; nothing was skipped: raise the setting armada-max-message-bytes";
  }
  return text;
}

}  // namespace

StreamVerdict judge_stream_end(const base::Status& end, const EndContext& context) {
  if (end) {
    if (!context.watch) return {EndMeaning::kCaughtUp, ""};
    return {EndMeaning::kRetry, "Armada ended the stream, as it does when it stops"};
  }
  std::string error = explain(end.error());
  const std::string& message = end.error().message;
  switch (end.error().code) {
    case ErrorCode::kNotFound:
      return judge_not_found(message, std::move(error));
    case ErrorCode::kUnknown:
      return judge_unknown(message, context.from_start, std::move(error));
    case ErrorCode::kUnauthenticated:
      return {EndMeaning::kUnknownLogin, std::move(error)};
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kUnimplemented:
    case ErrorCode::kInvalidArgument:
      return {EndMeaning::kRefused, std::move(error)};
    default:
      return {EndMeaning::kRetry, std::move(error)};
  }
}

}  // namespace armada_cache::ingest
