/* What the emulated board offers: a line for its host, and the end. */
void board_print(const char* text);
