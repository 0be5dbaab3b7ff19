#define REPRISE_STB_IMAGE
#include "engine/stb_image.h"
