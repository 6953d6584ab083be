//  The furs: for each animal a ramp from pale to dark. Ramps of different animals share many colours, so a
//  colour alone seldom gives the class away.

internal import Canvas

/// The colours of one head.
struct Fur {
  let base: Color
  /// Ears, stripes and manes.
  let dark: Color
  /// Muzzles, cheeks and discs.
  let pale: Color

  init(_ animal: Animal, place: Double) {
    let ramp = Self.ramp(animal)
    let position = min(max(place, 0), 1) * Double(ramp.count - 1)
    let step = min(Int(position), ramp.count - 2)
    base = ramp[step].mixed(with: ramp[step + 1], position - Double(step))
    dark = base.darker(0.38)
    pale = base.lighter(0.72)
  }

  private static func ramp(_ animal: Animal) -> [Color] {
    switch animal {
    case .cat: cat
    case .dog: dog
    case .bear: bear
    case .rabbit: rabbit
    case .fox: fox
    case .owl: owl
    case .panda: panda
    case .pig: pig
    case .frog: frog
    case .lion: lion
    }
  }

  private static let cat = [0xD9CFCB, 0xAFADBB, 0x85889F, 0x5A5972].map { Color($0) }
  private static let dog = [0xF7DCA8, 0xEBB468, 0xD08C48, 0x8C5C44].map { Color($0) }
  private static let bear = [0xC99A66, 0xA87048, 0x875640, 0x5E403C].map { Color($0) }
  private static let rabbit = [0xFDF8F2, 0xF0E0CE, 0xDCC3AA, 0xB5967F].map { Color($0) }
  private static let fox = [0xF8CE8C, 0xF08A3E, 0xD4602F, 0x8E5448].map { Color($0) }
  private static let owl = [0xDDB78A, 0xB98C60, 0x93705E, 0x686070].map { Color($0) }
  private static let panda = [0xFFFFFF, 0xF6F0E6, 0xE9DFD0, 0xD5CBC4].map { Color($0) }
  private static let pig = [0xFCD8CC, 0xF7B1AE, 0xEA939A, 0xC97C82].map { Color($0) }
  private static let frog = [0xD6DF7A, 0x8AC452, 0x57A35A, 0x5C7A50].map { Color($0) }
  private static let lion = [0xF8DA96, 0xF1BE66, 0xDEA252, 0xBC8446].map { Color($0) }
}
