//  A request as the routes see it, and the strict reading of its query: every parameter known, in its bounds, of its type.

public import Foundation

public struct ExplorerRequest: Sendable {
  public var method: String
  /// As it was sent, not decoded.
  public var path: String
  /// What stands behind the question mark.
  public var query: String
  public var host: String?
  /// By lower-case name.
  public var headers: [String: String]
  public var body: Data

  public init(
    method: String = "GET", path: String, query: String = "", host: String? = nil, headers: [String: String] = [:],
    body: Data = Data()
  ) {
    (self.method, self.path, self.query, self.host) = (method, path, query, host)
    (self.headers, self.body) = (headers, body)
  }
}

public struct ExplorerResponse: Sendable {
  public var status: Int
  public var type: String
  public var headers: [String: String]
  public var body: Data

  init(status: Int = 200, type: String, headers: [String: String] = [:], body: Data) {
    (self.status, self.type, self.headers, self.body) = (status, type, headers, body)
  }
}

/// The parameters of a request. Reading takes them out; `finish` refuses what is left.
struct Parameters {
  private var values: [String: [String]] = [:]

  init(_ query: String) throws(ExplorerError) {
    guard !query.isEmpty else { return }
    for pair in query.split(separator: "&", omittingEmptySubsequences: false) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      // A plus is a space, as forms send it.
      let texts = parts.map { $0.replacingOccurrences(of: "+", with: " ").removingPercentEncoding }
      guard texts.count == 2, let name = texts[0], let value = texts[1] else {
        throw ExplorerError(.badRequest, "a query with \"\(pair.prefix(80))\"; expected name=value, percent-encoded")
      }
      values[name, default: []].append(value)
    }
  }

  mutating func all(_ name: String) -> [String] { values.removeValue(forKey: name) ?? [] }

  mutating func text(_ name: String) throws(ExplorerError) -> String? {
    let found = all(name)
    guard found.count <= 1 else { throw ExplorerError(.badRequest, "\(name) is given \(found.count) times") }
    return found.first
  }

  mutating func required(_ name: String) throws(ExplorerError) -> String {
    guard let value = try text(name) else { throw ExplorerError(.badRequest, "no \(name)") }
    return value
  }

  mutating func number(_ name: String, in range: ClosedRange<Double>) throws(ExplorerError) -> Double? {
    guard let text = try text(name) else { return nil }
    return try Self.number(text, name, in: range)
  }

  static func number(_ text: String, _ name: String, in range: ClosedRange<Double>) throws(ExplorerError) -> Double {
    guard let value = Double(text), value.isFinite, range.contains(value) else {
      throw ExplorerError(
        .badRequest, "\(name) is \"\(text.prefix(40))\"; expected \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  mutating func integer(_ name: String) throws(ExplorerError) -> Int? {
    guard let text = try text(name) else { return nil }
    guard let value = naturalNumber(text) else {
      throw ExplorerError(.badRequest, "\(name) is \"\(text.prefix(40))\"; expected a whole number from 0")
    }
    return value
  }

  mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ name: String, _ type: Choice.Type
  ) throws(ExplorerError) -> Choice? {
    guard let text = try text(name) else { return nil }
    guard let value = Choice(rawValue: text) else {
      throw ExplorerError(
        .badRequest,
        "\(name) is \"\(text.prefix(40))\"; expected \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }

  func finish() throws(ExplorerError) {
    guard let unknown = values.keys.min() else { return }
    throw ExplorerError(.badRequest, "unknown parameter \"\(unknown.prefix(40))\"")
  }
}

/// Digits only, at most nine, so that nothing overflows.
func naturalNumber(_ text: some StringProtocol) -> Int? {
  guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
  return Int(text)
}
