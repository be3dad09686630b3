/* A product that is an addend of name_fma. */
static inline real name_term(real x, real y) { return name_product(x, y); }

/* What rounding has added to the product of x and y, by halves of their digits (T. J. Dekker, "A
   floating-point technique for extending the available precision", 1971). */
static inline real name_product_rest(real x, real y, real product) {
    const real x_scaled = name_product(SPLITTER, x), y_scaled = name_product(SPLITTER, y);
    const real x_high = x_scaled - (x_scaled - x), x_low = x - x_high;
    const real y_high = y_scaled - (y_scaled - y), y_low = y - y_high;
    const real upper = product - name_product(x_high, y_high);
    return ((upper - name_product(x_high, y_low)) - name_product(x_low, y_high)) -
           name_product(x_low, y_low);
}
