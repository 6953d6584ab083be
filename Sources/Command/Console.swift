//  What the user sees while work goes on: one line that renews itself on a terminal, plain lines elsewhere.

import Foundation

/// Progress on standard error; results go to standard output and never through here.
final class Console {
  private let quiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var lineIsOpen = false
  private var lastPlainLine = ContinuousClock.now

  init(quiet: Bool) {
    self.quiet = quiet
  }

  deinit { closeLine() }

  /// A line that stays.
  func say(_ text: String) {
    guard !quiet else { return }
    closeLine()
    Console.standardError(text)
    lastPlainLine = .now
  }

  /// A line that is shown even when `quiet`: what should not be missed though work goes on.
  func warn(_ text: String) {
    closeLine()
    Console.standardError("isda: \(text)")
  }

  /// The state of something long: a bar on a terminal, and elsewhere a line every 15 seconds.
  func progress(_ fraction: Double, _ text: String) {
    guard !quiet else { return }
    if isTerminal {
      let width = 24
      let filled = Int((min(max(fraction, 0), 1) * Double(width)).rounded(.down))
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      let line = "\(bar) \(text)".prefix(max(20, Console.columns - 1))
      FileHandle.standardError.write(Data("\r\u{1B}[2K\(line)".utf8))
      lineIsOpen = true
    } else if ContinuousClock.now - lastPlainLine > .seconds(15) {
      say(text)
    }
  }

  /// Ends the renewing line, so that what follows stands alone.
  func closeLine() {
    guard lineIsOpen else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[2K".utf8))
    lineIsOpen = false
  }

  static func standardError(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  private static var columns: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }
}

/// A duration as people read it: 48 s, 3 min 05 s, 2 h 10 min.
func readable(seconds: Double) -> String {
  guard seconds.isFinite else { return "?" }
  let total = Int(seconds.rounded())
  return switch total {
  case ..<60: "\(total) s"
  case ..<3600: "\(total / 60) min \(String(format: "%02d", total % 60)) s"
  case ..<360_000: "\(total / 3600) h \(String(format: "%02d", total % 3600 / 60)) min"
  default: "\(total / 86_400) days"
  }
}

/// A number with a fixed count of decimals.
func fixed(_ value: Double, _ decimals: Int) -> String {
  String(format: "%.\(decimals)f", value)
}
