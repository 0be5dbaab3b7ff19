// What the sanitizers' runtimes ask the program for; their environment variables still come first.

extern "C" const char * __asan_default_options() {
    return "detect_leaks=1:strict_string_checks=1";
}
extern "C" const char * __ubsan_default_options() {
    return "print_stacktrace=1:halt_on_error=1";
}
// llama.cpp never frees the devices of a connection to a worker, which a model may still point to ("by
// design", ggml-rpc.cpp): some kilobytes for each.
extern "C" __attribute__((visibility("default"))) const char * __lsan_default_suppressions() {
    return "leak:rpc_dispatcher::add_devices\nleak:get_dispatcher\n";
}
