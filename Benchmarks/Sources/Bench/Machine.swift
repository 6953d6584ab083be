//  Where the numbers come from.

import Foundation
import Results
import Torch

enum Machine {
  /// What every report begins with: both sides of all comparisons compute on the processor.
  static func environment(threads: Int, precision: String) -> RunEnvironment {
    RunEnvironment(
      libtorch: Library.version, vectorInstructions: Library.processorCapability, threads: threads,
      device: Device.cpu.rawValue, gpu: nil, precision: precision)
  }

  /// Cores without counting a core's second thread; what the system says is there where it does not tell them apart.
  static var physicalCores: Int {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let cores = text.components(separatedBy: "\n\n").compactMap { processor -> String? in
      let lines = processor.split(separator: "\n").filter { $0.hasPrefix("physical id") || $0.hasPrefix("core id") }
      return lines.isEmpty ? nil : lines.joined()
    }
    let available = ProcessInfo.processInfo.activeProcessorCount
    return cores.isEmpty ? available : min(Set(cores).count, available)
  }
}
