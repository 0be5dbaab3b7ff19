// What the sanitizers' runtimes ask the program for; their environment variables still come first.

extern "C" const char * __asan_default_options() {
    return "detect_leaks=1:strict_string_checks=1";
}
extern "C" const char * __ubsan_default_options() {
    return "print_stacktrace=1:halt_on_error=1";
}
