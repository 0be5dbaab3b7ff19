// Lets a binary that is linked with a later glibc run with glibc 2.28. Functions whose symbols have a later
// version are reached by the version that 2.28 has, through the linker's --wrap (CMakeLists.txt), which
// reaches static libraries of the compiler, too. What 2.28 has not at all is done here in its place.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#define BASE "GLIBC_2.2.5"
#define AFFINITY "GLIBC_2.3.4"
#define STAT_VERSION 1
#elif defined(__aarch64__)
#define BASE "GLIBC_2.17"
#define AFFINITY BASE
#define STAT_VERSION 0
#else
#error "name the first symbol version of this processor's glibc"
#endif

/// Declares `base_NAME`, the function in its version `version`, and defines what calls of `NAME` are linked
/// to.
#define SINCE(version, result, name, parameters, arguments)                                                  \
    __asm__(".symver base_" #name "," #name "@" version);                                                    \
    result base_##name parameters;                                                                           \
    result __wrap_##name parameters;                                                                         \
    result __wrap_##name parameters {                                                                        \
        return base_##name arguments;                                                                        \
    }

SINCE(BASE, double, exp, (double x), (x))
SINCE(BASE, double, log, (double x), (x))
SINCE(BASE, double, log2, (double x), (x))
SINCE(BASE, double, pow, (double x, double y), (x, y))
SINCE(BASE, void *, dlopen, (const char * file, int flags), (file, flags))
SINCE(BASE, void *, dlsym, (void * handle, const char * symbol), (handle, symbol))
SINCE(BASE, int, dlclose, (void * handle), (handle))
SINCE(BASE, char *, dlerror, (void), ())
SINCE(BASE, int, pthread_create,
      (pthread_t * thread, const pthread_attr_t * attributes, void * (*start)(void *), void * argument),
      (thread, attributes, start, argument))
SINCE(BASE, int, pthread_join, (pthread_t thread, void ** result), (thread, result))
SINCE(BASE, int, pthread_once, (pthread_once_t * control, void (*initialize)(void)), (control, initialize))
SINCE(BASE, int, pthread_detach, (pthread_t thread), (thread))
SINCE(BASE, int, pthread_key_create, (pthread_key_t * key, void (*destroy)(void *)), (key, destroy))
SINCE(BASE, int, pthread_key_delete, (pthread_key_t key), (key))
SINCE(BASE, void *, pthread_getspecific, (pthread_key_t key), (key))
SINCE(BASE, int, pthread_setspecific, (pthread_key_t key, const void * value), (key, value))
SINCE(AFFINITY, int, pthread_getaffinity_np, (pthread_t thread, size_t size, cpu_set_t * set),
      (thread, size, set))
SINCE(AFFINITY, int, pthread_setaffinity_np, (pthread_t thread, size_t size, const cpu_set_t * set),
      (thread, size, set))

// 2.28 waits by the clock of the day alone.
SINCE(BASE, int, pthread_mutex_timedlock, (pthread_mutex_t * mutex, const struct timespec * until),
      (mutex, until))

static struct timespec by_clock_of_day(clockid_t clock, const struct timespec * until) {
    struct timespec now, day;
    clock_gettime(clock, &now);
    clock_gettime(CLOCK_REALTIME, &day);
    day.tv_sec += until->tv_sec - now.tv_sec;
    day.tv_nsec += until->tv_nsec - now.tv_nsec;
    if (day.tv_nsec < 0) {
        day.tv_nsec += 1000000000;
        --day.tv_sec;
    } else if (day.tv_nsec >= 1000000000) {
        day.tv_nsec -= 1000000000;
        ++day.tv_sec;
    }
    return day;
}

int __wrap_pthread_mutex_clocklock(pthread_mutex_t * mutex, clockid_t clock, const struct timespec * until);
int __wrap_pthread_mutex_clocklock(pthread_mutex_t * mutex, clockid_t clock, const struct timespec * until) {
    const struct timespec day = by_clock_of_day(clock, until);
    return __wrap_pthread_mutex_timedlock(mutex, &day);
}

int __wrap_pthread_cond_clockwait(pthread_cond_t * condition, pthread_mutex_t * mutex, clockid_t clock,
                                  const struct timespec * until);
int __wrap_pthread_cond_clockwait(pthread_cond_t * condition, pthread_mutex_t * mutex, clockid_t clock,
                                  const struct timespec * until) {
    const struct timespec day = by_clock_of_day(clock, until);
    return pthread_cond_timedwait(condition, mutex, &day);
}

// 2.28 has these under other names, which take the version of `struct stat`.
#define STAT(name, former, parameter, argument)                                                              \
    __asm__(".symver base_" #name "," #former "@" BASE);                                                     \
    int base_##name(int version, parameter, struct stat * status);                                           \
    int __wrap_##name(parameter, struct stat * status);                                                      \
    int __wrap_##name(parameter, struct stat * status) {                                                     \
        return base_##name(STAT_VERSION, argument, status);                                                  \
    }

STAT(stat, __xstat, const char * path, path)
STAT(stat64, __xstat64, const char * path, path)
STAT(lstat, __lxstat, const char * path, path)
STAT(lstat64, __lxstat64, const char * path, path)
STAT(fstat, __fxstat, int file, file)
STAT(fstat64, __fxstat64, int file, file)

int __wrap_getcpu(unsigned * processor, unsigned * node);
int __wrap_getcpu(unsigned * processor, unsigned * node) {
    return (int)syscall(SYS_getcpu, processor, node, (void *)0);
}

/// The C++ library's random_device. It has no way to fail.
uint32_t __wrap_arc4random(void);
uint32_t __wrap_arc4random(void) {
    uint32_t value = 0;
    if (getentropy(&value, sizeof value) != 0) abort();
    return value;
}

/// What the C++ library asks before it counts references without atomic operations: never.
__attribute__((visibility("hidden"))) char __libc_single_threaded = 0;
