#pragma once

// The face of libzip (1.7 in Debian 12), which unlike minizip 1.1 writes archives encrypted by AES.
#include <zip.h>
