armada_cache_executable(eventlog_appending
  SOURCES eventlog_appending.cc eventlog_numbered.cc
  LINK eventlog_embedded)

armada_cache_test(eventlog_faults_test
  SOURCES eventlog_disk_full_test.cc eventlog_open_test.cc eventlog_quota_env.cc
  LINK eventlog_embedded PkgConfig::ROCKSDB process_support)
add_dependencies(eventlog_faults_test eventlog_appending)

armada_cache_test(eventlog_kill_test
  SOURCES eventlog_kill_test.cc eventlog_numbered.cc
  LINK eventlog_embedded process_support
  LABELS slow TIMEOUT 300)
add_dependencies(eventlog_kill_test eventlog_appending)
