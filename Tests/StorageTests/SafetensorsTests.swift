//  The safetensors format against files put together by hand as the reference implementation lays them out,
//  and against everything that can be wrong with one.

import Foundation
import Storage
import Testing

/// The bytes of a file from its parts.
private func file(header: String, body: [UInt8] = [], length: UInt64? = nil) -> Data {
  let json = Data(header.utf8)
  var data = withUnsafeBytes(of: (length ?? UInt64(json.count)).littleEndian) { Data($0) }
  data.append(json)
  data.append(contentsOf: body)
  return data
}

private func temporaryFile(_ data: Data) throws -> URL {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("isda-\(UUID().uuidString).safetensors")
  try data.write(to: url)
  return url
}

@Suite("A safetensors file")
struct SafetensorsTests {
  @Test("holds the arrays and texts that were written")
  func roundTrip() throws {
    let arrays: [String: StoredArray] = [
      "layer.weight": StoredArray([1, -2.5, .infinity, 4, 5, 6], shape: [2, 3]),
      "layer.count": StoredArray([Int64.min, 7], shape: [2]),
      "scalar": StoredArray([Float(3)], shape: []),
      "nothing": StoredArray([Float](), shape: [0, 4]),
      "bytes": StoredArray(.uint8, shape: [3], bytes: Data([1, 2, 3])),
      "half": StoredArray(.bfloat16, shape: [1, 1], bytes: Data([0x80, 0x3F])),
    ]
    let written = Safetensors(arrays: arrays, metadata: ["format": "pt", "with \"quotes\"": "λ"])
    let url = try temporaryFile(Data())
    defer { try? FileManager.default.removeItem(at: url) }
    try written.write(to: url)
    #expect(try Safetensors(contentsOf: url) == written)
    #expect(try Data(contentsOf: url) == written.data)
  }

  @Test("is the same bytes for the same arrays, with every array aligned to its elements")
  func layout() throws {
    let arrays: [String: StoredArray] = [
      "a": StoredArray(.uint8, shape: [3], bytes: Data([1, 2, 3])), "b": StoredArray([Float(1), 2], shape: [2]),
      "c": StoredArray([Int64(1)], shape: [1]),
    ]
    let data = Safetensors(arrays: arrays).data
    #expect(data == Safetensors(arrays: arrays).data)
    let length = Int(data[0])
    #expect((8 + length) % 8 == 0)
    let header = String(decoding: data[8..<8 + length], as: UTF8.self)
    let entries = [
      #""a":{"data_offsets":[16,19],"dtype":"U8","shape":[3]}"#,
      #""b":{"data_offsets":[8,16],"dtype":"F32","shape":[2]}"#,
      #""c":{"data_offsets":[0,8],"dtype":"I64","shape":[1]}"#,
    ]
    for entry in entries { #expect(header.contains(entry)) }
  }

  @Test("of the reference implementation is read: header padded with spaces, metadata first")
  func reference() throws {
    // What save_file({"embedding": arange(4, int16).reshape(2, 2), "flag": [True]}, metadata={"format": "np"})
    // leaves.
    let header =
      #"{"__metadata__":{"format":"np"},"embedding":{"dtype":"I16","shape":[2,2],"data_offsets":[0,8]},"#
      + #""flag":{"dtype":"BOOL","shape":[1],"data_offsets":[8,9]}}   "#
    let url = try temporaryFile(file(header: header, body: [0, 0, 1, 0, 2, 0, 3, 0, 1]))
    defer { try? FileManager.default.removeItem(at: url) }
    let read = try Safetensors(contentsOf: url)
    #expect(read.metadata == ["format": "np"])
    #expect(
      read.arrays == [
        "embedding": StoredArray(.int16, shape: [2, 2], bytes: Data([0, 0, 1, 0, 2, 0, 3, 0])),
        "flag": StoredArray(.bool, shape: [1], bytes: Data([1])),
      ])
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let data: Data
    /// What the error has to say.
    let says: String
  }

  static func entry(_ name: String, _ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
    #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
  }

  static let damages: [Damage] = {
    let eight = [UInt8](repeating: 0, count: 8)
    func damage(_ name: String, _ data: Data, _ says: String) -> Damage {
      Damage(testDescription: name, data: data, says: says)
    }
    func arrays(_ entries: String...) -> Data { file(header: "{" + entries.joined(separator: ",") + "}", body: eight) }
    return [
      damage("empty", Data(), "0 bytes"),
      damage("shorter than a length", Data([1, 0, 0]), "3 bytes"),
      damage("length beyond the file", file(header: "{}", length: 3), "a header of 3 bytes in a file of 10"),
      damage("length beyond 100 MB", file(header: "{}", length: 200_000_000), "at most 100 MB"),
      damage("length beyond all numbers", file(header: "{}", length: .max), "a header of 18446744073709551615 bytes"),
      damage("no JSON", file(header: "hello"), "not the JSON"),
      damage("an array of JSON", file(header: "[]"), "not the JSON"),
      damage("entry without offsets", file(header: #"{"a":{"dtype":"F32","shape":[1]}}"#), "not the JSON"),
      damage("texts under another name", file(header: #"{"a":{"x":"y"}}"#), "\"a\" without type"),
      damage("unknown type", arrays(entry("a", "F8", "[8]", 0, 8)), "\"a\" of type F8"),
      damage("offsets beyond the end", arrays(entry("a", "F32", "[4]", 0, 16)), "\"a\" at bytes [0, 16] of 8"),
      damage("negative offset", arrays(entry("a", "F32", "[2]", -8, 0)), "\"a\" at bytes [-8, 0]"),
      damage("reversed offsets", arrays(entry("a", "F32", "[2]", 8, 0)), "\"a\" at bytes [8, 0]"),
      damage("one offset", file(header: #"{"a":{"dtype":"U8","shape":[8],"data_offsets":[0]}}"#, body: eight), "[0]"),
      damage("too few bytes", arrays(entry("a", "F32", "[3]", 0, 8)), "8 bytes for array \"a\""),
      damage("negative shape", arrays(entry("a", "F32", "[-2]", 0, 8)), "shape [-2]"),
      damage("two negatives", arrays(entry("a", "F32", "[-1,-2]", 0, 8)), "shape [-1, -2]"),
      damage(
        "shape beyond all numbers", arrays(entry("a", "F32", "[4611686018427387904,4]", 0, 8)),
        "shape [4611686018427387904, 4]"),
      damage(
        "overlap", arrays(entry("a", "U8", "[5]", 0, 5), entry("b", "U8", "[5]", 3, 8)), "\"b\" from byte 3"),
      damage("hole", arrays(entry("a", "U8", "[2]", 0, 2), entry("b", "U8", "[4]", 4, 8)), "\"b\" from byte 4"),
      damage("bytes before the first", arrays(entry("a", "U8", "[6]", 2, 8)), "\"a\" from byte 2"),
      damage("bytes after the last", arrays(entry("a", "U8", "[6]", 0, 6)), "8 bytes of arrays"),
    ]
  }()

  @Test("that is damaged is an error that names the file and the fault", arguments: damages)
  func damaged(damage: Damage) throws {
    let url = try temporaryFile(damage.data)
    defer { try? FileManager.default.removeItem(at: url) }
    #expect {
      try Safetensors(contentsOf: url)
    } throws: { error in
      guard case .malformed(let path, _, _) = error as? FileError else { return false }
      return path == url.path && "\(error)".contains(damage.says)
    }
  }

  @Test("that is not there is an error that says so")
  func missing() {
    let path = "/nowhere/at/all.safetensors"
    #expect(throws: FileError.missing(path: path, expected: "a safetensors file")) {
      try Safetensors(contentsOf: URL(fileURLWithPath: path))
    }
  }

  @Test("that is sealed is any other with one text more, and gives back what was sealed")
  func sealed() throws {
    let content = Safetensors(
      arrays: ["a": StoredArray([Float(1), -0.0, .nan], shape: [3])], metadata: ["state": "{\"step\":3}"])
    let url = try temporaryFile(Data())
    defer { try? FileManager.default.removeItem(at: url) }
    try content.writeSealed(to: url)
    #expect(try Safetensors(sealedAt: url) == content)
    let plain = try Safetensors(contentsOf: url)
    #expect(plain.arrays == content.arrays)
    #expect(plain.metadata == ["state": "{\"step\":3}", "sha256": content.data.sha256])
    // A file that was never sealed.
    try content.write(to: url)
    #expect(throws: FileError.self) { try Safetensors(sealedAt: url) }
  }

  @Test("that is sealed is refused with any bit flipped and at any shorter length")
  func broken() throws {
    let content = Safetensors(
      arrays: ["a": StoredArray([Float(1), 2], shape: [2]), "b": StoredArray([Int64(3)], shape: [1])],
      metadata: ["state": "{}"])
    let url = try temporaryFile(Data())
    defer { try? FileManager.default.removeItem(at: url) }
    try content.writeSealed(to: url)
    let whole = try Data(contentsOf: url)
    for index in whole.indices {
      for bit in 0..<8 {
        var damaged = whole
        damaged[index] ^= 1 << bit
        try damaged.write(to: url)
        #expect(throws: FileError.self, "bit \(bit) of byte \(index)") { try Safetensors(sealedAt: url) }
      }
      try whole.prefix(index).write(to: url)
      #expect(throws: FileError.self, "\(index) bytes") { try Safetensors(sealedAt: url) }
    }
  }
}
