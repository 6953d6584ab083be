//  How the training images of a run are changed: parts in short words with commas between, as the command line, recipes
//  and `config.json` write them. What the parts do stands in the target Images.

extension RunConfiguration {
  /// `none`, or parts with commas between, each at most once. They come in this order, however they are written:
  ///
  ///     crop[:P[:zero]]         moved by up to P pixels, what comes in mirrored, or 0
  ///     flip                    half of the images mirrored, the other half in the next epoch
  ///     translate:P             moved by up to P pixels, fractions too
  ///     rotate:D                turned by up to D degrees
  ///     jitter:S[:H]            brightness, contrast and colour times 1 − S to 1 + S, hues turned by up to H degrees
  ///     autoaugment[:POLICY]    the policy found on cifar10 or imagenet; cifar10 if not given
  ///     randaugment:N:M         N operations at magnitude M
  ///     cutout[:L]              a square of L pixels covered; 16 if not given
  ///     mixup[:α[:p]]           batches mixed with shares from Beta(α, α) and probability p; 1 and 1 if not given
  ///     cutmix[:α[:p]]          boxes instead; 1 and 0.5 if not given
  ///
  /// Of `autoaugment` and `randaugment` there is at most one, and one of `mixup` and `cutmix`.
  public struct Augmentation: RawRepresentable, Codable, Sendable, Hashable {
    public struct Crop: Sendable, Hashable {
      /// nil until the number of epochs says how many (`resolved`).
      public var padding: Int?
      public var border: Border

      public init(padding: Int? = nil, border: Border = .mirrored) {
        (self.padding, self.border) = (padding, border)
      }
    }

    public enum Border: Sendable {
      case mirrored, zero
    }

    public struct Jitter: Sendable, Hashable {
      public var strength: Double
      public var hue: Double
    }

    /// Operations that are chosen for each image.
    public enum Operations: Sendable, Hashable {
      case autoAugment(Policy)
      case randAugment(count: Int, magnitude: Int)
    }

    /// What the policy was found on.
    public enum Policy: String, Sendable, CaseIterable {
      case cifar10, imagenet
    }

    public struct Mixing: Sendable, Hashable {
      public enum Kind: String, Sendable {
        case mixup, cutmix
      }
      public var kind: Kind
      public var alpha: Double
      public var probability: Double
    }

    public var crop: Crop?
    public var flips = false
    /// In pixels.
    public var translation: Double?
    /// In degrees.
    public var rotation: Double?
    public var jitter: Jitter?
    public var operations: Operations?
    /// The side of the square, in pixels.
    public var cutout: Int?
    public var mixing: Mixing?

    public init(crop: Crop? = nil, flips: Bool = false) {
      (self.crop, self.flips) = (crop, flips)
    }

    /// `none` and the parts that `init(rawValue:)` reads.
    public static let forms = [
      "none", "crop[:P[:zero]]", "flip", "translate:P", "rotate:D", "jitter:S[:H]", "autoaugment[:cifar10|imagenet]",
      "randaugment:N:M", "cutout[:L]", "mixup[:α[:p]]", "cutmix[:α[:p]]",
    ]

    /// Images as they are.
    public static let none = Augmentation()
    /// The standard augmentation of CIFAR.
    public static let standard = Augmentation(crop: Crop(), flips: true)

    /// With the padding that crops have in a run of so many epochs, if none was given: 4 as published, for runs of
    /// hundreds of epochs; a short run has not the time to learn so many positions, and ends with the lower test error
    /// at 2.
    public func resolved(epochs: Int) -> Augmentation {
      var result = self
      if let crop, crop.padding == nil { result.crop?.padding = epochs <= 20 ? 2 : 4 }
      return result
    }

    public init?(rawValue: String) {
      guard rawValue != "none" else { return }
      for part in rawValue.split(separator: ",", omittingEmptySubsequences: false) {
        let words = part.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard take(words[0], Array(words.dropFirst())) else { return nil }
      }
    }

    /// Takes in a part; false if it is none, or one too many.
    private mutating func take(_ name: String, _ values: [String]) -> Bool {
      func number(_ place: Int, in range: ClosedRange<Double>, default preset: Double? = nil) -> Double? {
        place < values.count ? Double(values[place]).flatMap { range.contains($0) ? $0 : nil } : preset
      }
      func whole(_ place: Int, in range: ClosedRange<Int>, default preset: Int? = nil) -> Int? {
        place < values.count ? Int(values[place]).flatMap { range.contains($0) ? $0 : nil } : preset
      }
      let smallest = Double.leastNormalMagnitude
      switch name {
      case "crop" where crop == nil && values.count <= 2:
        guard values.isEmpty || whole(0, in: 1...16) != nil, values.count < 2 || values[1] == "zero" else {
          return false
        }
        crop = Crop(padding: whole(0, in: 1...16), border: values.count == 2 ? .zero : .mirrored)
      case "flip" where !flips && values.isEmpty: flips = true
      case "translate" where translation == nil && values.count == 1:
        translation = number(0, in: smallest...16)
        return translation != nil
      case "rotate" where rotation == nil && values.count == 1:
        rotation = number(0, in: smallest...180)
        return rotation != nil
      case "jitter" where jitter == nil && (1...2).contains(values.count):
        guard let strength = number(0, in: 0...1), let hue = number(1, in: 0...180, default: 0) else { return false }
        jitter = Jitter(strength: strength, hue: hue)
      case "autoaugment" where operations == nil && values.count <= 1:
        guard let policy = values.isEmpty ? .cifar10 : Policy(rawValue: values[0]) else { return false }
        operations = .autoAugment(policy)
      case "randaugment" where operations == nil && values.count == 2:
        guard let count = whole(0, in: 1...14), let magnitude = whole(1, in: 0...30) else { return false }
        operations = .randAugment(count: count, magnitude: magnitude)
      case "cutout" where cutout == nil && values.count <= 1:
        cutout = whole(0, in: 2...256, default: 16)
        return cutout != nil
      case "mixup" where mixing == nil && values.count <= 2, "cutmix" where mixing == nil && values.count <= 2:
        guard let kind = Mixing.Kind(rawValue: name), let alpha = number(0, in: 0.01...100, default: 1),
          // As published: mixup mixes every batch, CutMix on CIFAR every second one.
          let probability = number(1, in: smallest...1, default: kind == .mixup ? 1 : 0.5)
        else { return false }
        mixing = Mixing(kind: kind, alpha: alpha, probability: probability)
      default: return false
      }
      return true
    }

    /// Written out in full, in the order of application, so that what means the same reads the same.
    public var rawValue: String { parts.isEmpty ? "none" : parts.joined(separator: ",") }

    private var parts: [String] {
      var parts: [String] = []
      if let crop {
        parts.append("crop" + (crop.padding.map { ":\($0)" } ?? "") + (crop.border == .zero ? ":zero" : ""))
      }
      if flips { parts.append("flip") }
      if let translation { parts.append("translate:\(translation.short)") }
      if let rotation { parts.append("rotate:\(rotation.short)") }
      if let jitter {
        parts.append("jitter:\(jitter.strength.short)" + (jitter.hue > 0 ? ":\(jitter.hue.short)" : ""))
      }
      switch operations {
      case .autoAugment(let policy): parts.append("autoaugment:\(policy.rawValue)")
      case .randAugment(let count, let magnitude): parts.append("randaugment:\(count):\(magnitude)")
      case nil: break
      }
      if let cutout { parts.append("cutout:\(cutout)") }
      if let mixing {
        parts.append("\(mixing.kind.rawValue):\(mixing.alpha.short):\(mixing.probability.short)")
      }
      return parts
    }

    /// How an arm is named that has this augmentation; nil for the standard one of so many epochs. What comes beside
    /// that one is named alone.
    func armName(epochs: Int) -> String? {
      let standard = Augmentation.standard.resolved(epochs: epochs)
      guard self != standard else { return nil }
      guard self != .none else { return "no augmentation" }
      let beside = crop == standard.crop && flips ? parts.filter { !standard.parts.contains($0) } : parts
      return beside.joined(separator: " + ")
    }
  }
}

extension Double {
  /// Without `.0`.
  fileprivate var short: String { self == rounded() && magnitude < 1e9 ? "\(Int(self))" : "\(self)" }
}
