//  What every verb that runs PyTorch beside this package asks for.

import ArgumentParser
import Foundation
import Storage

struct SideOptions: ParsableArguments {
  @Option(help: "Threads on every side; one for each physical core if not given.")
  var threads: Int?

  @Option(help: "The folder of the benchmarks.", completion: .directory)
  var folder = "Benchmarks"

  @Option(help: "Python with torch and numpy; that of .venv in the folder if not given.", completion: .file())
  var python: String?

  var threadCount: Int { threads ?? Machine.physicalCores }

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); expected 1 to 1024")
    }
  }

  /// - Throws: `FileError` if the scripts or Python are not there.
  func scripts() throws -> PythonScripts {
    let folder = URL(fileURLWithPath: folder, isDirectory: true)
    let scripts = PythonScripts(
      folder: folder,
      python: python.map { URL(fileURLWithPath: $0) } ?? folder.appendingPathComponent(".venv/bin/python"))
    for (file, expected) in [
      (scripts.file("worker.py"), "the PyTorch sides; give --folder"),
      (scripts.python, "Python with torch and numpy; run `make bench`, or give --python"),
    ] where !FileManager.default.fileExists(atPath: file.path) {
      throw FileError.missing(path: file.path, expected: expected)
    }
    return scripts
  }
}
