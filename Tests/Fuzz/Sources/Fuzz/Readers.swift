//  Every reader of files that come from elsewhere, behind libFuzzer's one function. What a reader refuses is no finding; a
//  crash, a hang or memory without bound is. Which reader: FUZZ_READER in the environment.

import Foundation
import Raster
import Storage

@testable import Images

/// The limit on pixels is small, so that memory that grows beyond it is noticed.
private let mostPixels = 1 << 20

private enum Reader: String, CaseIterable {
  case png, jpeg, idx, gzip, cifar, safetensors, npy, csv, jsonl

  func read(_ bytes: Data) throws {
    switch self {
    case .png:
      _ = try Image(png: bytes, name: "fuzz", limit: mostPixels)
      _ = try Image.size(of: bytes, name: "fuzz")
    case .jpeg:
      _ = try? Image.size(of: bytes, name: "fuzz")
      for shrink in [1, 8] { _ = try Image(jpeg: bytes, name: "fuzz", limit: mostPixels, shrink: shrink) }
    case .idx:
      for rank in 1...3 { _ = try? IDXFile(bytes, path: "fuzz", rank: rank) }
    case .gzip: _ = try bytes.gunzipped(limit: 1 << 22, name: "fuzz")
    case .cifar:
      for kind in [CIFARRows.ten, .hundred, .hundredCoarse] { _ = try? kind.read(bytes, rows: 2, path: "fuzz") }
    case .safetensors: _ = try withFile("fuzz.safetensors", bytes) { try Safetensors(contentsOf: $0) }
    case .npy: _ = try withFile("fuzz.npy", bytes) { try StoredArray(numPy: $0) }
    case .csv:
      _ = try withFile("metadata.csv", bytes) { file in
        let metadata = try FolderMetadata(in: file.deletingLastPathComponent())
        _ = metadata?.label(of: "a")
        return try metadata?.factors(of: ["a", "b"])
      }
    case .jsonl:
      _ = try withFile("metadata.jsonl", bytes) { file in
        try FolderMetadata(in: file.deletingLastPathComponent())?.factors(of: ["a", "b"])
      }
    }
  }

  private func withFile<Result>(_ name: String, _ bytes: Data, _ body: (URL) throws -> Result) throws -> Result {
    let file = folder.appendingPathComponent(name)
    try bytes.write(to: file)
    return try body(file)
  }
}

/// Of this process.
private let folder: URL = {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-fuzz-\(getpid())")
  guard (try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)) != nil else {
    fatalError("no folder \(folder.path)")
  }
  return folder
}()

private let reader: Reader = {
  let name = ProcessInfo.processInfo.environment["FUZZ_READER"] ?? ""
  guard let reader = Reader(rawValue: name) else {
    fatalError("FUZZ_READER is \"\(name)\"; expected one of \(Reader.allCases.map(\.rawValue).joined(separator: ", "))")
  }
  return reader
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = start.map { Data(bytes: $0, count: count) } ?? Data()
  try? reader.read(bytes)
  return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// SwiftPM links a program with this name of its beginning; libFuzzer's own would be `main`.
@_cdecl("isda_fuzz_main")
public func begin(_ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32 {
  var (count, arguments) = (count, arguments)
  return runDriver(&count, &arguments) { fuzz($0, $1) }
}
