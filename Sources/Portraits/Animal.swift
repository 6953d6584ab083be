//  The ten classes.

/// What a portrait shows; the raw value is the class number.
public enum Animal: Int, CaseIterable, Sendable {
  case cat, dog, bear, rabbit, fox, owl, panda, pig, frog, lion

  public var name: String { "\(self)" }
}
