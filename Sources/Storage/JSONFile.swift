//  Codable values as JSON files, the same bytes for the same value: keys sorted, one value a line.

public import Foundation

/// JSON in and out for configurations, records and results.
public enum JSONFile {
  /// Reads a value that `write` or another tool left.
  /// - Throws: `FileError` naming the file and, for a value that does not decode, the key at fault.
  public static func read<Value: Decodable>(_ type: Value.Type, from url: URL) throws(FileError) -> Value {
    try decode(type, from: WholeFile.read(url, expected: "JSON of \(type)"), name: url.path)
  }

  /// The same from bytes; `name` stands for the file in an error.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from data: Data, name: String
  ) throws(FileError) -> Value {
    do {
      return try decode(type, from: data)
    } catch {
      throw .malformed(path: name, found: explain(error), expected: "JSON of \(type)")
    }
  }

  /// The value of what `encode` gave, numbers to the bit.
  /// - Throws: `DecodingError`.
  public static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: infinity, negativeInfinity: "-" + infinity, nan: nan)
    return try decoder.decode(type, from: data)
  }

  public static func write(_ value: some Encodable, to url: URL) throws(FileError) {
    try WholeFile.write(encode(value) + "\n", to: url)
  }

  /// The text of `value`, on one line or indented.
  public static func encode(_ value: some Encodable, pretty: Bool = true) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    // JSON has no NaN or infinity; as words they stay readable and never stop a run from being recorded.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: infinity, negativeInfinity: "-" + infinity, nan: nan)
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      preconditionFailure("a value of type \(type(of: value)) does not encode: \(error)")
    }
  }

  private static let (infinity, nan) = ("inf", "nan")

  private static func explain(_ error: any Error) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.isEmpty ? "the top level" : context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    return switch error {
    case DecodingError.keyNotFound(let key, _): "no key \"\(key.stringValue)\""
    case DecodingError.typeMismatch(let type, let context): "something else than \(type) at \(path(context))"
    case DecodingError.valueNotFound(_, let context): "null at \(path(context))"
    case DecodingError.dataCorrupted(let context): "damaged JSON at \(path(context))"
    default: "\(error)"
    }
  }
}
