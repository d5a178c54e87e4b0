// Kubernetes quantities ("250m", "128Mi", "1e3"), as far as comparing them needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace armada_cache::job {

// Empty where the text is no quantity.
std::optional<double> parse_quantity(std::string_view text);

// The text inside an encoded resource.Quantity (its field 1, a string); "" where there is none.
std::string_view quantity_text(std::string_view encoded);

}  // namespace armada_cache::job
