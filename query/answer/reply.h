// What the services answer, free of any transport.
#pragma once

#include "core/rpc/reply.h"

namespace armada_cache::query {

using rpc::Reply;
using rpc::Respond;

}  // namespace armada_cache::query
