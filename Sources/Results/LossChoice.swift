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

    /// M: every draw takes the memory of a batch's features, and the mean has long settled at the upper end.
    public static let drawCounts = 1...10_000

    /// `ce`, `isda` or `explicit:M`.
    public init?(rawValue: String) {
      switch rawValue {
      case "ce": self = .ce
      case "isda": self = .isda
      default:
        guard let draws = rawValue.number(after: "explicit"), Self.drawCounts.contains(draws) else { return nil }
        self = .explicit(draws: draws)
      }
    }

    public var rawValue: String {
      switch self {
      case .ce: "ce"
      case .isda: "isda"
      case .explicit(let draws): "explicit:\(draws)"
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

    /// `full`, `diagonal`, `lowrank:R`, `pooled`, `identity`, `constant` (after the first epoch) or `constant:E`.
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
