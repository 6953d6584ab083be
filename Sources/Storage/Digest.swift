//  The SHA-256 of a file's bytes: what a figure names its data by, and what a run's list of files records. And their MD5,
//  because that is what the authors of data sets have published.

internal import CCrypto
public import Foundation

extension Data {
  /// 64 hexadecimal digits.
  public var sha256: String { withUnsafeBytes(hexadecimalDigest) }

  /// The same 32 bytes as they are.
  public var sha256Bytes: [UInt8] { withUnsafeBytes(digest) }

  /// 32 hexadecimal digits. It tells damage, not malice.
  public var md5: String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    let status = withUnsafeBytes { EVP_Digest($0.baseAddress, $0.count, &digest, &length, EVP_md5(), nil) }
    precondition(status == 1, "OpenSSL has no MD5")
    return hexadecimal(digest.prefix(Int(length)))
  }
}

extension [UInt8] {
  /// 64 hexadecimal digits.
  public var sha256: String { withUnsafeBytes(hexadecimalDigest) }
}

private func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
  _ = SHA256(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &digest)
  return digest
}

private func hexadecimalDigest(of bytes: UnsafeRawBufferPointer) -> String { hexadecimal(digest(of: bytes)) }

private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
