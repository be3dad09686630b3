/* The start of a program on an Arm Cortex-M, and its calls of the host that emulates it (Arm's
   "Semihosting for AArch32 and AArch64"). */
#include "board.h"

#include <stdint.h>

extern uint32_t board_stack[], board_data_source[], board_data[], board_data_end[];
extern uint32_t board_bss[], board_bss_end[];

int main(void);

static void call_host(int operation, const void* argument) {
    register int r0 __asm__("r0") = operation;
    register const void* r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

void board_print(const char* text) { call_host(0x04, text); }

/* Not inlined: it may use the floating-point unit. */
__attribute__((noinline)) static void run(void) {
    const uint32_t* source = board_data_source;
    uint32_t *to, end[2] = {0x20026, 0}; /* the application has ended; its status */
    for (to = board_data; to < board_data_end;) *to++ = *source++;
    for (to = board_bss; to < board_bss_end;) *to++ = 0;
    end[1] = (uint32_t)main();
    call_host(0x20, end);
}

void board_start(void) {
    *(volatile uint32_t*)0xE000ED88 |= 0xFu << 20; /* turns the floating-point unit on */
    run();
    for (;;) {
    }
}

typedef struct {
    const uint32_t* stack;
    void (*start)(void), (*others[14])(void);
} board_vectors;

__attribute__((section(".vectors"), used)) static const board_vectors vectors = {
    board_stack, board_start, {board_start}};
