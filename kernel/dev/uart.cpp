#include "dev/uart.h"

#include "arch/hart.h"
#include "dev/mmio.h"

namespace ox {

namespace {

// Registers (16550 data sheet, table "Summary of registers"), one byte each.
constexpr PhysAddr data = uart_registers.start;                  // RBR when read, THR when written
constexpr PhysAddr interrupt_enable = uart_registers.start + 1;  // IER
constexpr PhysAddr line_status = uart_registers.start + 5;       // LSR

constexpr std::uint8_t ier_received = 1;
constexpr std::uint8_t lsr_data_ready = 1;
constexpr std::uint8_t lsr_can_send = 1 << 5;

bool status(std::uint8_t bit) { return (read_register<std::uint8_t>(line_status) & bit) != 0; }

}  // namespace

void Uart::write(std::string_view text) {
  for (const char c : text) {
    while (!status(lsr_can_send)) spin_hint();
    write_register<std::uint8_t>(data, static_cast<std::uint8_t>(c));
  }
  if (!text.empty()) in_line_ = text.back() != '\n';
}

void Uart::end_line() {
  if (in_line_) write("\r\n");
}

void Uart::listen(bool on) { write_register<std::uint8_t>(interrupt_enable, on ? ier_received : 0); }

std::optional<char> Uart::get() {
  if (!status(lsr_data_ready)) return std::nullopt;
  return static_cast<char>(read_register<std::uint8_t>(data));
}

}  // namespace ox
