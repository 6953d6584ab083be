//  How figures come out: on a light page or a dark one, at which resolution, and how wide in print.

public import Canvas

/// The form in which figures are written. Light, 192 dots per inch and each as wide as it likes, unless set.
public struct FigureForm: Sendable, Equatable {
  /// The width of a figure in print.
  public struct Width: Sendable, Equatable {
    public var millimetres: Double

    public init(millimetres: Double) {
      self.millimetres = millimetres
    }

    /// One column of a paper with two.
    public static let single = Width(millimetres: 85)
    /// Both columns.
    public static let double = Width(millimetres: 175)

    /// In units of 1/96 inch.
    var units: Double { millimetres / 25.4 * 96 }
  }

  public var scheme = ColorScheme.light
  /// Of the PNG files.
  public var dotsPerInch = 192.0
  /// Nil leaves every figure its own width.
  public var width: Width?

  public init(scheme: ColorScheme = .light, dotsPerInch: Double = 192, width: Width? = nil) {
    (self.scheme, self.dotsPerInch, self.width) = (scheme, dotsPerInch, width)
  }

  /// A figure is never scaled so far that its smallest text is set smaller than this, the least that journals take, in
  /// points.
  public static let smallestText = 5.0

  /// By how much a figure may be scaled down.
  private static let smallestScale = smallestText / (Theme.small.size * 0.75)

  /// Makes a figure for this form: figures with several panels put them side by side or one below the other, as the
  /// width has it.
  public func arranging<Result>(_ make: () throws -> Result) rethrows -> Result {
    // Whole units, because pages are.
    try Page.$room.withValue(width.map { ($0.units / Self.smallestScale).rounded(.down) }) { try make() }
  }

  /// The drawing at this form's width. Lines and letters are scaled with it, but not below `smallestText`: a figure
  /// that holds too much for the width stays wider.
  public func fitted(_ drawing: Drawing) -> Drawing {
    guard let width, drawing.size.width > 0 else { return drawing }
    return drawing.scaled(by: max(width.units / drawing.size.width, Self.smallestScale))
  }
}
