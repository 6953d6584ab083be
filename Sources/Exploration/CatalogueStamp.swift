//  Whether somebody has written a catalogue since it was read.

internal import Foundation
public import Results

/// Which version of a catalogue lies on the disk, without reading it.
public struct CatalogueStamp: Equatable, Sendable {
  private let size, inode, seconds, nanoseconds: Int

  /// Nil if there is no file.
  public init?(_ folder: RunFolder) {
    var status = stat()
    guard stat(folder.catalogueFile.path, &status) == 0 else { return nil }
    (size, inode) = (Int(status.st_size), Int(status.st_ino))
    (seconds, nanoseconds) = (Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec))
  }

  /// What the page calls it.
  public var revision: String {
    "\(String(inode, radix: 36))-\(String(seconds, radix: 36))-\(String(nanoseconds, radix: 36))"
  }
}
