# armada_cache_library(NAME SOURCES ... PUBLIC ... PRIVATE ...): one library a folder.
# armada_cache_executable(NAME SOURCES ... LINK ...): a program in build/<preset>/bin.
# armada_cache_test(NAME SOURCES ... LINK ... [LABELS ...]): a GoogleTest binary known to ctest.
function(armada_cache_own_code target)
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE warnings)
  if(ARMADA_CACHE_TIDY)
    set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "${CLANG_TIDY};--quiet")
  endif()
endfunction()

function(armada_cache_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  armada_cache_own_code(${name})
  target_link_libraries(${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

function(armada_cache_executable name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  armada_cache_own_code(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
endfunction()

# What a sanitizer must not hold against the libraries.
if(ARMADA_CACHE_SANITIZE MATCHES "thread")
  set(ARMADA_CACHE_TEST_ENVIRONMENT "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
else()
  set(ARMADA_CACHE_TEST_ENVIRONMENT
    "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")
endif()

include(GoogleTest)
function(armada_cache_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  armada_cache_own_code(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE TEST_DATA_DIR="${CMAKE_SOURCE_DIR}/tests/data"
    TEST_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
    PROPERTIES ENVIRONMENT "${ARMADA_CACHE_TEST_ENVIRONMENT}" TIMEOUT ${ARG_TIMEOUT}
    LABELS "${ARG_LABELS}")
endfunction()

# armada_cache_kafka_test(NAME SOURCES ... LINK ... [LABELS ...]): the same, but one test to ctest,
# since its cases share the brokers that it starts. None under ThreadSanitizer, which does not know
# the threads and mutexes of the C library that librdkafka uses.
function(armada_cache_kafka_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 240)
  endif()
  if(ARMADA_CACHE_SANITIZE MATCHES "thread")
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  armada_cache_own_code(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} kafka_support GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES ENVIRONMENT "${ARMADA_CACHE_TEST_ENVIRONMENT}"
    TIMEOUT ${ARG_TIMEOUT} LABELS "kafka;${ARG_LABELS}" RESOURCE_LOCK kafka)
endfunction()
