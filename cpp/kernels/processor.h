#pragma once

// Which tiles a build for x86 has. MSVC names no FMA and no F16C, which every processor with AVX2 has.
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VNNI__)
#define REPRISE_PANELS_AVX512
#elif defined(__AVX2__) && ((defined(__FMA__) && defined(__F16C__)) || defined(_MSC_VER))
#define REPRISE_PANELS_AVX2
#endif
