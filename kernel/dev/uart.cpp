#include "dev/uart.h"

#include "arch/hart.h"
#include "arch/riscv/sbi.h"
#include "dev/mmio.h"

namespace ox {

namespace {

// Registers (16550 data sheet, table "Summary of registers"), one byte each.
constexpr std::uint64_t data = 0;              // RBR when read, THR when written
constexpr std::uint64_t interrupt_enable = 1;  // IER
constexpr std::uint64_t fifo_control = 2;      // FCR
constexpr std::uint64_t line_control = 3;      // LCR
constexpr std::uint64_t line_status = 5;       // LSR

constexpr std::uint8_t ier_received = 1;
constexpr std::uint8_t fcr_enable_and_clear = 7;
constexpr std::uint8_t lcr_8_bits = 3;
constexpr std::uint8_t lsr_data_ready = 1;
constexpr std::uint8_t lsr_can_send = 1 << 5;

}  // namespace

void Uart::start(PhysAddr registers) {
  registers_ = registers;
  write_register<std::uint8_t>(registers_ + interrupt_enable, 0);
  write_register<std::uint8_t>(registers_ + line_control, lcr_8_bits);
  write_register<std::uint8_t>(registers_ + fifo_control, fcr_enable_and_clear);
}

void Uart::write(std::string_view text) {
  for (const char c : text) put(c);
  written_ += text.size();
  if (!text.empty()) in_line_ = text.back() != '\n';
}

void Uart::end_line() {
  if (in_line_) write("\r\n");
}

void Uart::put(char c) {
  if (registers_ == PhysAddr()) return sbi_putchar(c);
  while ((read_register<std::uint8_t>(registers_ + line_status) & lsr_can_send) == 0) spin_hint();
  write_register<std::uint8_t>(registers_ + data, static_cast<std::uint8_t>(c));
}

void Uart::listen(bool on) { write_register<std::uint8_t>(registers_ + interrupt_enable, on ? ier_received : 0); }

std::optional<char> Uart::get() {
  if ((read_register<std::uint8_t>(registers_ + line_status) & lsr_data_ready) == 0) return std::nullopt;
  return static_cast<char>(read_register<std::uint8_t>(registers_ + data));
}

}  // namespace ox
