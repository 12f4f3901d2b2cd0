import { mapSchema, MapperKind } from '@graphql-tools/utils'
import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql'
import type { PolicyContext } from '../kernel/policy-schema.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Principal } from '../kernel/principal.js'
import { withinLimit, type TimeLimits } from '../kernel/time-limits.js'
import type { FieldRequirements } from './field-requirements.js'
import type { Policy } from './load-rules.js'
import { isHeldBy, meets, type Requirement } from './requirement.js'

/** A requirement written in the supergraph that the caller does not meet. */
export class DirectiveRefusal extends Error {
  override readonly name = 'DirectiveRefusal'
}

export type Policies = Readonly<Record<string, Policy>>

/** Puts the directives' requirements before every resolver that has one. */
export function applyRequirements(
  schema: GraphQLSchema,
  requirements: FieldRequirements,
  policies: Policies,
): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, fieldName, typeName) => {
      const requirement = requirements.ofField.get(`${typeName}.${fieldName}`)
      if (!requirement) return field
      return { ...field, resolve: required(requirement, field.resolve ?? defaultFieldResolver, policies) }
    },
  })
}

type Resolver = GraphQLFieldResolver<unknown, PolicyContext>

function required(requirement: Requirement, resolve: Resolver, policies: Policies): Resolver {
  return (parent, args, context, info) => {
    if (!isHeldBy(requirement, context.principal)) throw new DirectiveRefusal()
    if (requirement.policies.length === 0) return resolve(parent, args, context, info)
    return arePoliciesMet(requirement, context.principal, policies).then((met) => {
      if (!met) throw new DirectiveRefusal()
      return resolve(parent, args, context, info)
    })
  }
}

/** Makes anything but `true` a no, and a policy that throws or takes too long visible to the operator. */
export function watchPolicies(
  policies: Policies,
  {
    limits,
    timeoutMs,
    logger,
  }: { readonly limits: TimeLimits; readonly timeoutMs: number; readonly logger: Logger },
): Policies {
  const tooLate = (): Error => new Error(`The policy took longer than ${timeoutMs} ms.`)
  const watch =
    (name: string, policy: Policy): Policy =>
    async (principal) => {
      try {
        const said: unknown = await withinLimit(
          limits,
          timeoutMs,
          Promise.resolve(policy(principal)),
          tooLate,
        )
        return said === true
      } catch (fault) {
        logger.error({ policy: name, err: fault }, 'A policy failed; its fields are refused.')
        throw fault
      }
    }
  return Object.fromEntries(Object.entries(policies).map(([name, policy]) => [name, watch(name, policy)]))
}

/** A policy that nobody decides is not met. */
export async function arePoliciesMet(
  requirement: Requirement,
  principal: Principal,
  policies: Policies,
): Promise<boolean> {
  const names = new Set(requirement.policies.flat(2))
  const granted = new Set<string>()
  for (const name of names) {
    const policy = Object.hasOwn(policies, name) ? policies[name] : undefined
    if (policy && (await policy(principal))) granted.add(name)
  }
  return requirement.policies.every((anyOf) => meets(anyOf, (name) => granted.has(name)))
}
