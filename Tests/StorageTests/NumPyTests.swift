import Foundation
import Testing

@testable import Storage

@Suite("NumPy’s files are read as NumPy wrote them")
struct NumPyTests {
  private func file(_ name: String) throws -> URL {
    try #require(Bundle.module.url(forResource: "Fixtures/numpy/\(name)", withExtension: "npy"))
  }

  private func values<Value: Equatable>(_ array: StoredArray, as type: Value.Type) -> [Value] {
    array.bytes.withUnsafeBytes { bytes in
      (0..<array.bytes.count / MemoryLayout<Value>.size).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Value>.size, as: type)
      }
    }
  }

  @Test func `every type of element`() throws {
    func check<Value: Equatable & Numeric>(_ name: String, _ type: StoredArray.ElementType, _: Value.Type) throws {
      let array = try StoredArray(numPy: file(name))
      #expect(array.elementType == type && array.shape == [2, 3], "\(name)")
      #expect(values(array, as: Value.self) == [0, 1, 2, 3, 4, 5], "\(name)")
    }
    try check("f8", .float64, Double.self)
    try check("f4", .float32, Float.self)
    try check("f2", .float16, Float16.self)
    try check("i8", .int64, Int64.self)
    try check("i4", .int32, Int32.self)
    try check("i2", .int16, Int16.self)
    try check("i1", .int8, Int8.self)
    try check("u1", .uint8, UInt8.self)
    try check("version2", .float32, Float.self)
    try check("version3", .float32, Float.self)
    #expect(values(try StoredArray(numPy: file("b1")), as: Bool.self) == [false, true, false, true, false, true])
  }

  @Test func `every number of dimensions, and none`() throws {
    #expect(try StoredArray(numPy: file("scalar")) == StoredArray([Float(7)], shape: []))
    #expect(try StoredArray(numPy: file("row")) == StoredArray([Float(0), 1, 2], shape: [3]))
    #expect(try StoredArray(numPy: file("empty")) == StoredArray([Float](), shape: [0, 4]))
  }

  @Test(arguments: [
    ("refused-big-endian", "elements of type >f4"), ("refused-columns", "column-major"),
    ("refused-complex", "elements of type <c8"), ("refused-records", "the header"),
  ])
  func `what is not read is refused by name`(name: String, found: String) throws {
    let url = try file(name)
    let error = #expect(throws: FileError.self) { try StoredArray(numPy: url) }
    #expect(error?.description.contains(found) == true && error?.description.contains(url.path) == true, "\(name)")
  }

  /// Cut anywhere, or with any byte of its header changed, a file is read or refused; a length in it is never believed.
  @Test func `damaged files are refused`() throws {
    let whole = try Data(contentsOf: file("f4"))
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("isda-npy-\(UUID()).npy")
    defer { try? FileManager.default.removeItem(at: place) }
    for length in 0..<whole.count {
      try whole.prefix(length).write(to: place)
      #expect(throws: FileError.self) { try StoredArray(numPy: place) }
    }
    for index in 0..<128 {
      for byte in [UInt8(0), 0x20, 0x39, 0xFF] {
        var damaged = whole
        damaged[index] = byte
        try damaged.write(to: place)
        if let array = try? StoredArray(numPy: place) {
          #expect(array.bytes.count <= whole.count)
        }
      }
    }
  }
}
