static inline real name_leaky_relu(real x, real slope) {
    return name_is_negative(x) ? slope * x : x;
}
