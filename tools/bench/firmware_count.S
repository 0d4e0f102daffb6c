# A kernel that only prints how many instructions the firmware took before it, in 16 hexadecimal digits, and turns the
# machine off. bench.py subtracts that number from the instructions of ox's boot.
.globl _start
_start:
    rdinstret s0
    li s1, 16               # digits left to print
digit:
    srli a0, s0, 60
    slli s0, s0, 4
    sltiu t0, a0, 10
    addi a0, a0, 'a' - 10
    beqz t0, put
    addi a0, a0, '0' - 'a' + 10
put:
    li a7, 1                # SBI: console_putchar
    ecall
    addi s1, s1, -1
    bnez s1, digit
    li a0, '\n'
    ecall
    li a7, 8                # SBI: shutdown
    ecall
