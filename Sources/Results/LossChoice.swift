//  What a run can minimise, and in what form it keeps the covariances for it: choices that the command line and
//  `config.json` write as short words.

extension RunConfiguration {
  public enum Loss: RawRepresentable, Codable, Sendable, Hashable {
    /// Plain cross-entropy, the baseline.
    case ce
    /// Implicit semantic data augmentation.
    case isda
    /// The mean cross-entropy of M drawn features a sample, which ISDA bounds in closed form.
    case explicit(draws: Int)
    /// Label smoothing by ε.
    case smoothing(Double)
    /// Focal loss with the exponent γ.
    case focal(Double)
    /// Large-margin softmax, the angle to the own class multiplied by m.
    case largeMargin(Int)
    /// Cross-entropy of labels of which the share α is drawn anew in every step.
    case disturbed(Double)
    /// Generalised cross-entropy with the exponent q.
    case generalized(Double)
    /// Cross-entropy and λ/2 times the squared distance from the centre of the class.
    case center(Double)

    /// M: every draw takes the memory of a batch's features, and the mean has long settled at the upper end.
    public static let drawCounts = 1...10_000

    /// The forms that `init(rawValue:)` reads.
    public static let forms = [
      "ce", "isda", "explicit:M", "smoothing[:ε]", "focal[:γ]", "lsoftmax[:m]", "disturb[:α]", "lq[:q]", "center[:λ]",
    ]

    /// One of `forms`. What is left out is as published: ε = 0.1, γ = 2, m = 4, α = 0.1, q = 0.7, λ = 0.003.
    public init?(rawValue: String) {
      let words = rawValue.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard words.count <= 2 else { return nil }
      func number(_ preset: Double, _ isValid: (Double) -> Bool) -> Double? {
        (words.count == 2 ? Double(words[1]) : preset).flatMap { $0.isFinite && isValid($0) ? $0 : nil }
      }
      func whole(_ preset: Int?, in range: ClosedRange<Int>) -> Int? {
        (words.count == 2 ? Int(words[1]) : preset).flatMap { range.contains($0) ? $0 : nil }
      }
      let loss: Loss? =
        switch words[0] {
        case "ce" where words.count == 1: .ce
        case "isda" where words.count == 1: .isda
        case "explicit": whole(nil, in: Self.drawCounts).map { .explicit(draws: $0) }
        case "smoothing": number(0.1) { $0 > 0 && $0 < 1 }.map { .smoothing($0) }
        case "focal": number(2) { $0 > 0 }.map { .focal($0) }
        case "lsoftmax": whole(4, in: 2...4).map { .largeMargin($0) }
        case "disturb": number(0.1) { $0 > 0 && $0 < 1 }.map { .disturbed($0) }
        case "lq": number(0.7) { $0 > 0 && $0 <= 1 }.map { .generalized($0) }
        case "center": number(0.003) { $0 > 0 }.map { .center($0) }
        default: nil
        }
      guard let loss else { return nil }
      self = loss
    }

    public var rawValue: String {
      switch self {
      case .ce: "ce"
      case .isda: "isda"
      case .explicit(let draws): "explicit:\(draws)"
      case .smoothing(let epsilon): "smoothing:\(epsilon)"
      case .focal(let gamma): "focal:\(gamma)"
      case .largeMargin(let m): "lsoftmax:\(m)"
      case .disturbed(let alpha): "disturb:\(alpha)"
      case .generalized(let q): "lq:\(q)"
      case .center(let lambda): "center:\(lambda)"
      }
    }

    /// Whether it moves features along class covariances, so that λ₀ and what is said of covariances mean something.
    public var usesCovariances: Bool {
      switch self {
      case .isda, .explicit: true
      default: false
      }
    }

    /// Whether it keeps statistics of the features of each class.
    public var keepsClassStatistics: Bool {
      if case .center = self { true } else { usesCovariances }
    }

    /// As figures name it.
    var name: String {
      switch self {
      case .ce: "cross-entropy"
      case .isda: "ISDA"
      case .explicit(let draws): "explicit M=\(draws)"
      case .smoothing(let epsilon): "label smoothing ε=\(epsilon)"
      case .focal(let gamma): "focal γ=\(gamma)"
      case .largeMargin(let m): "L-Softmax m=\(m)"
      case .disturbed(let alpha): "DisturbLabel α=\(alpha)"
      case .generalized(let q): "L_q q=\(q)"
      case .center(let lambda): "center loss λ=\(lambda)"
      }
    }
  }

  /// The form of the class covariances.
  public enum Covariance: RawRepresentable, Codable, Sendable, Hashable {
    /// A full matrix for each class, as published for CIFAR.
    case full
    /// Variances only, as published for ImageNet.
    case diagonal
    /// R directions for each class, and what they leave on the diagonal.
    case lowRank(Int)
    /// One full matrix for all classes.
    case pooled
    /// The identity: moves without meaning, the control.
    case identity
    /// Full matrices that no longer move after so many epochs.
    case constant(epochs: Int)

    /// The forms that `init(rawValue:)` reads.
    public static let forms = ["full", "diagonal", "lowrank:R", "pooled", "identity", "constant:E"]

    /// One of `forms`, or `constant`: after the first epoch.
    public init?(rawValue: String) {
      switch rawValue {
      case "full": self = .full
      case "diagonal": self = .diagonal
      case "pooled": self = .pooled
      case "identity": self = .identity
      case "constant": self = .constant(epochs: 1)
      default:
        if let rank = rawValue.number(after: "lowrank"), rank >= 1 {
          self = .lowRank(rank)
        } else if let epochs = rawValue.number(after: "constant"), epochs >= 1 {
          self = .constant(epochs: epochs)
        } else {
          return nil
        }
      }
    }

    public var rawValue: String {
      switch self {
      case .full: "full"
      case .diagonal: "diagonal"
      case .lowRank(let rank): "lowrank:\(rank)"
      case .pooled: "pooled"
      case .identity: "identity"
      case .constant(let epochs): "constant:\(epochs)"
      }
    }
  }

  /// When λ moves on its way to λ₀.
  public enum LambdaSchedule: String, Codable, Sendable, CaseIterable {
    /// Once an epoch, as published.
    case epoch
    case step
  }
}

extension String {
  /// N of `prefix:N`.
  fileprivate func number(after prefix: String) -> Int? {
    hasPrefix(prefix + ":") ? Int(dropFirst(prefix.count + 1)) : nil
  }
}
