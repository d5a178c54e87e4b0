#include "core/eventlog/kafka/errors.h"

namespace armada_cache::eventlog::kafka {
namespace {

std::string remedy(rd_kafka_resp_err_t error, std::string_view user) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:  // so it is too while brokers start
      return "as many brokers must run as 'kafka-replication-factor' says: start them, or lower "
             "it; it is tried again";
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
      return "set group-session-timeout between the brokers' group.min.session.timeout.ms and "
             "group.max.session.timeout.ms";
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
      return "others than these processes are in the group: set another group-prefix";
    default:
      break;
  }
  switch (code_of(error)) {
    case base::ErrorCode::kUnauthenticated:
      return "check security.protocol, the SASL user and password or the TLS certificate";
    case base::ErrorCode::kPermissionDenied: {
      const std::string principal = user.empty() ? "..." : "User:" + std::string(user) + " ...";
      return "let the cluster's administrator grant it (kafka-acls.sh --add --allow-principal " +
             principal + ")";
    }
    case base::ErrorCode::kUnavailable:
      return "check that the brokers run and can be reached, and are spoken to as they listen: "
             "with or without TLS, with certificates that both sides trust; it is tried again";
    default:
      return {};
  }
}

}  // namespace

base::ErrorCode code_of(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return base::ErrorCode::kNotFound;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return base::ErrorCode::kPermissionDenied;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return base::ErrorCode::kUnauthenticated;
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
      return base::ErrorCode::kFailedPrecondition;
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return base::ErrorCode::kInvalidArgument;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return base::ErrorCode::kAlreadyExists;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      return base::ErrorCode::kDataLoss;
    default:
      return base::ErrorCode::kUnavailable;
  }
}

base::Error to_error(rd_kafka_resp_err_t error, std::string_view what, std::string_view reason,
                     std::string_view user) {
  std::string message(what);
  message.append(": ").append(reason).append(" (").append(rd_kafka_err2name(error)).append(")");
  if (const auto help = remedy(error, user); !help.empty()) message.append("; ").append(help);
  return {code_of(error), std::move(message)};
}

bool is_passing(rd_kafka_resp_err_t error) {
  return error != RD_KAFKA_RESP_ERR_NO_ERROR &&
         error != RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR &&
         code_of(error) == base::ErrorCode::kUnavailable;
}

}  // namespace armada_cache::eventlog::kafka
