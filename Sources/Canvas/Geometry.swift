//  Points and rectangles, in the canvas's units: 1/96 inch, y downwards.

public struct Point: Sendable, Equatable {
  public var x, y: Double

  public init(_ x: Double, _ y: Double) {
    (self.x, self.y) = (x, y)
  }
}

public struct Size: Sendable, Equatable {
  public var width, height: Double

  public init(_ width: Double, _ height: Double) {
    (self.width, self.height) = (width, height)
  }
}

public struct Rectangle: Sendable, Equatable {
  public var x, y, width, height: Double

  public init(x: Double, y: Double, width: Double, height: Double) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  public var maxX: Double { x + width }
  public var maxY: Double { y + height }
  public var midX: Double { x + width / 2 }
  public var midY: Double { y + height / 2 }

  public func inset(by margin: Double) -> Rectangle {
    Rectangle(x: x + margin, y: y + margin, width: width - 2 * margin, height: height - 2 * margin)
  }
}
