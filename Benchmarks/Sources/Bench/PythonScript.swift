//  A script of `pytorch/` that runs once and prints its answer as JSON.

import Foundation

struct PythonScript {
  /// The folder of this package.
  let folder: URL
  let python: URL

  /// - Throws: `WorkerError` if the script fails; what it says on standard error is seen by the user.
  func answer<Value: Decodable>(_ script: String, _ arguments: [String] = []) throws -> Value {
    let process = Process()
    let output = Pipe()
    process.executableURL = python
    process.arguments = [folder.appendingPathComponent("pytorch/\(script)").path] + arguments
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw WorkerError(description: "pytorch/\(script) failed") }
    return try JSONDecoder().decode(Value.self, from: data)
  }
}
