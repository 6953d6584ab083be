//  The safetensors format: named arrays in one file that PyTorch, JAX and numpy read too. Eight bytes of
//  header length, a JSON header {name: {dtype, shape, data_offsets}}, then the arrays, row-major and
//  little-endian. Format: https://huggingface.co/docs/safetensors

public import Foundation

/// An array as it lies in a file: element type, shape, bytes (row-major, little-endian).
public struct StoredArray: Sendable, Equatable {
  /// Element types, by their names in the safetensors header.
  public enum ElementType: String, Sendable, CaseIterable {
    case float64 = "F64", float32 = "F32", float16 = "F16", bfloat16 = "BF16"
    case int64 = "I64", int32 = "I32", int16 = "I16", int8 = "I8", uint8 = "U8", bool = "BOOL"

    public var size: Int {
      switch self {
      case .float64, .int64: 8
      case .float32, .int32: 4
      case .float16, .bfloat16, .int16: 2
      case .int8, .uint8, .bool: 1
      }
    }
  }

  public let elementType: ElementType
  public let shape: [Int]
  public let bytes: Data

  /// - Precondition: `bytes` has as many bytes as `shape` and `elementType` need.
  public init(_ elementType: ElementType, shape: [Int], bytes: Data) {
    precondition(bytes.count == shape.reduce(1, *) * elementType.size, "\(bytes.count) bytes for shape \(shape)")
    (self.elementType, self.shape, self.bytes) = (elementType, shape, bytes)
  }

  public init(_ values: [Float], shape: [Int]) {
    self.init(.float32, shape: shape, bytes: values.withUnsafeBytes { Data($0) })
  }

  public init(_ values: [Int64], shape: [Int]) {
    self.init(.int64, shape: shape, bytes: values.withUnsafeBytes { Data($0) })
  }
}

/// A safetensors file: arrays by name, and free text beside them.
public struct Safetensors: Sendable, Equatable {
  public var arrays: [String: StoredArray]
  public var metadata: [String: String]

  public init(arrays: [String: StoredArray], metadata: [String: String] = [:]) {
    (self.arrays, self.metadata) = (arrays, metadata)
  }

  /// Reads a file, checking every length and offset before it is used.
  /// - Throws: `FileError.missing` or `.malformed`, naming the array at fault.
  public init(contentsOf url: URL) throws(FileError) {
    try self.init(WholeFile.read(url, expected: Self.expected), name: url.path)
  }

  private static let expected = "a safetensors file"

  /// The same from bytes; `name` stands for the file in an error.
  public init(_ data: Data, name: String) throws(FileError) {
    func malformed(_ found: String, _ expected: String = Self.expected) -> FileError {
      .malformed(path: name, found: found, expected: expected)
    }
    guard data.count >= 8 else { throw malformed("\(data.count) bytes") }
    let headerLength = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard headerLength <= 100_000_000, Int(headerLength) <= data.count - 8 else {
      throw malformed(
        "a header of \(headerLength) bytes in a file of \(data.count)", "a safetensors header of at most 100 MB")
    }
    let body = data.dropFirst(8 + Int(headerLength))
    let json = data.dropFirst(8).prefix(Int(headerLength))
    guard let header = try? JSONDecoder().decode([String: HeaderEntry].self, from: json) else {
      throw malformed("a header that is not the JSON of names, types, shapes and offsets")
    }

    var arrays: [String: StoredArray] = [:]
    var metadata: [String: String] = [:]
    var spans: [(range: Range<Int>, name: String)] = []
    for (name, entry) in header {
      switch entry {
      case .metadata(let text):
        guard name == "__metadata__" else { throw malformed("array \"\(name)\" without type, shape and offsets") }
        metadata = text
      case .array(let array):
        guard let type = StoredArray.ElementType(rawValue: array.dtype) else {
          let known = StoredArray.ElementType.allCases.map(\.rawValue).joined(separator: ", ")
          throw malformed("array \"\(name)\" of type \(array.dtype)", "one of \(known)")
        }
        guard array.data_offsets.count == 2,
          case let (begin, end) = (array.data_offsets[0], array.data_offsets[1]),
          0 <= begin, begin <= end, end <= body.count
        else { throw malformed("array \"\(name)\" at bytes \(array.data_offsets) of \(body.count)") }
        var size = type.size
        for extent in array.shape {
          let (product, overflow) = size.multipliedReportingOverflow(by: extent)
          guard extent >= 0, !overflow else { throw malformed("array \"\(name)\" of shape \(array.shape)") }
          size = product
        }
        guard size == end - begin else {
          throw malformed("\(end - begin) bytes for array \"\(name)\"", "\(size) bytes for shape \(array.shape)")
        }
        spans.append((begin..<end, name))
        arrays[name] = StoredArray(
          type, shape: array.shape, bytes: body[body.startIndex + begin..<body.startIndex + end])
      }
    }
    spans.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    var position = 0
    for (range, name) in spans {
      guard range.lowerBound == position else {
        throw malformed("array \"\(name)\" from byte \(range.lowerBound)", "it to begin at byte \(position)")
      }
      position = range.upperBound
    }
    guard position == body.count else {
      throw malformed("\(body.count) bytes of arrays", "\(position), where the last array ends")
    }
    (self.arrays, self.metadata) = (arrays, metadata)
  }

  /// The file's bytes. Arrays lie by falling element size, then by name, so that each one is aligned.
  public var data: Data {
    let ordered = arrays.sorted {
      ($1.value.elementType.size, $0.key) < ($0.value.elementType.size, $1.key)
    }
    var header: [String: HeaderEntry] = metadata.isEmpty ? [:] : ["__metadata__": .metadata(metadata)]
    var position = 0
    for (name, array) in ordered {
      let end = position + array.bytes.count
      header[name] = .array(
        .init(dtype: array.elementType.rawValue, shape: array.shape, data_offsets: [position, end]))
      position = end
    }
    var json = Data(JSONFile.encode(header, pretty: false).utf8)
    json.append(Data(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
    file.reserveCapacity(8 + json.count + position)
    file.append(json)
    for (_, array) in ordered { file.append(array.bytes) }
    return file
  }

  public func write(to url: URL) throws(FileError) {
    try WholeFile.write(data, to: url)
  }

  /// One value of the header's JSON object: an array's place, or under `__metadata__` a table of strings.
  private enum HeaderEntry: Codable {
    struct Array: Codable {
      let dtype: String
      let shape: [Int]
      let data_offsets: [Int]
    }
    case array(Array)
    case metadata([String: String])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let array = try? container.decode(Array.self) {
        self = .array(array)
      } else {
        self = .metadata(try container.decode([String: String].self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .array(let array): try container.encode(array)
      case .metadata(let text): try container.encode(text)
      }
    }
  }
}
