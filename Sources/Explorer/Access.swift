//  Who may ask: whoever knows the token, from a page of this server, under this server's name.

internal import Foundation

/// The lock of the door. See docs/EXPLORER.md, "Who may ask".
public struct Access: Sendable {
  /// 32 random bytes as base64url.
  public let token: String
  /// Names that this server is called by, with its port: `127.0.0.1:8808`.
  private let hosts: Set<String>

  /// - Parameters:
  ///   - port: that the server listens on.
  ///   - host: the name or address that it was bound to, if beyond loopback.
  public init(port: Int, host: String? = nil, token: String = Access.randomToken()) {
    self.token = token
    var names = ["127.0.0.1", "localhost", "[::1]"]
    if let host { names.append(host.contains(":") ? "[\(host)]" : host.lowercased()) }
    // Browsers leave the port out where it is HTTP's own.
    hosts = Set(names.flatMap { port == 80 ? ["\($0):80", $0] : ["\($0):\(port)"] })
  }

  public static func randomToken() -> String {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }

  /// Refuses requests under another name than the server's (DNS rebinding).
  func checkHost(_ request: ExplorerRequest) throws(ExplorerError) {
    guard let host = request.host?.lowercased(), hosts.contains(host) else {
      throw ExplorerError(
        .foreignOrigin, "the request is for host \"\(request.host?.prefix(80) ?? "")\"; expected \(hosts.sorted()[0])",
        hint: "Open the address that isda explore printed.")
    }
  }

  /// Refuses requests from pages of others.
  func checkOrigin(_ request: ExplorerRequest) throws(ExplorerError) {
    let origin = request.headers["origin"]?.lowercased()
    let isOurs = origin.map { $0.hasPrefix("http://") && hosts.contains(String($0.dropFirst(7))) } ?? true
    guard isOurs, ["same-origin", "none", nil].contains(request.headers["sec-fetch-site"]) else {
      throw ExplorerError(.foreignOrigin, "the request comes from a page of \(origin?.prefix(80) ?? "another site")")
    }
  }

  func checkToken(_ request: ExplorerRequest) throws(ExplorerError) {
    let given = request.headers["authorization"].flatMap { $0.hasPrefix("Bearer ") ? $0.dropFirst(7) : nil }
    guard let given, Self.isSame(Array(given.utf8), Array(token.utf8)) else {
      throw ExplorerError(
        .noToken, given == nil ? "the request has no token" : "the token is not this server's",
        hint: "Open the address that isda explore printed; it holds the token.")
    }
  }

  /// Takes as long for any two of the same length, wherever they differ.
  static func isSame(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
