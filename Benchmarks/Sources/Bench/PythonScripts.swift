//  Scripts of `pytorch/` that run once and print their answers as JSON.

import Foundation

struct PythonScripts {
  /// The folder of this package.
  let folder: URL
  let python: URL

  /// - Throws: `WorkerError` if the script fails; what it says on standard error is seen by the user.
  func answer<Value: Decodable>(_ script: String, _ arguments: [String] = []) throws -> Value {
    let process = Process()
    let output = Pipe()
    process.executableURL = python
    process.arguments = [file(script).path] + arguments
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw WorkerError(description: "pytorch/\(script) failed") }
    return try JSONDecoder().decode(Value.self, from: data)
  }

  func file(_ script: String) -> URL { folder.appendingPathComponent("pytorch/\(script)") }
}
