static inline real name_relu(real x) { return name_max(REAL(0), x); }
