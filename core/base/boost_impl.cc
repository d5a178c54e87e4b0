// The one place where Asio and Beast are compiled; everybody else includes declarations only.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
