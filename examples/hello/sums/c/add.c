#include <stdint.h>

int32_t hello_add(int32_t left, int32_t right) {
    return left + right;
}
