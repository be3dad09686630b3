/* A product that is an addend of name_fma. */
static inline real name_term(real x, real y) { return x * y; }

/* What rounding has added to the product of x and y. */
static inline real name_product_rest(real x, real y, real product) {
    return name_fma(-x, y, product);
}
