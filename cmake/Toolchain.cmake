# Compiler cache, linker, warnings and sanitizers for our own code.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_program(MOLD mold)
if(MOLD AND ARMADA_CACHE_SANITIZE STREQUAL "")
  add_link_options(-fuse-ld=mold)
endif()

add_library(warnings INTERFACE)
target_compile_options(warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  -Woverloaded-virtual -Wconversion -Wno-sign-conversion -Werror)

if(NOT ARMADA_CACHE_SANITIZE STREQUAL "")
  add_compile_options(-fsanitize=${ARMADA_CACHE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ARMADA_CACHE_SANITIZE})
  # GCC 12 reports uses of std::regex and std::optional that are none when it instruments.
  target_compile_options(warnings INTERFACE -Wno-maybe-uninitialized)
  # Asio's fences, which ThreadSanitizer does not know; its queues have locks that it knows.
  if(ARMADA_CACHE_SANITIZE MATCHES "thread")
    target_compile_options(warnings INTERFACE -Wno-tsan)
    # Where this is defined, Protobuf's headers give maps a member that Debian's library, built
    # without, does not know: a crash.
    add_compile_options(-U__SANITIZE_THREAD__)
  endif()
endif()

if(ARMADA_CACHE_TIDY)
  find_program(CLANG_TIDY clang-tidy REQUIRED)
endif()
