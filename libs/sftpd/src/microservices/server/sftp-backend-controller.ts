import {
  Controller,
  Inject,
  type InjectionToken,
  Logger,
  type OnModuleDestroy,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';

import type { SftpBackend } from '../../filesystem/backend.js';
import { OpenFileStrategies } from '../../filesystem/open-files/open-file-strategies.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { type Answer, failureAnswer } from '../wire/answer.js';
import { type Operation, OPERATIONS, patternOf } from '../wire/operations.js';
import { ServedBackend } from './served-backend.js';
import {
  checkedControllerOptions,
  type SftpBackendControllerOptions,
} from './sftp-backend-controller-options.js';

/** Marks the controllers that this file makes with the pattern that they serve. */
const SERVED_PATTERN = Symbol('nestjs-sftpd:served-pattern');

/**
 * A controller that serves a backend of this process to `SftpBackendClient`s in others: a handler for each message
 * pattern. A backend of any level of the contract will do, as the files of all are opened at random here.
 *
 * The backend must be a singleton. Who can reach the transport can do all that the backend can, in the name of any
 * session, so keep it on a private network or behind TLS with client certificates.
 *
 * @param token the backend's class or token, as for `@Inject`
 * @returns a class for a module's `controllers`
 * @throws TypeError naming the option that is wrong
 * @example
 * @Module({ providers: [MyBackend], controllers: [SftpBackendController(MyBackend)] })
 * class FilesModule {}
 *
 * @publicApi
 */
export function SftpBackendController(
  token: InjectionToken,
  options: SftpBackendControllerOptions = {},
): Type<object> {
  const checked = checkedControllerOptions(options);

  @Controller()
  class ServingController implements OnModuleInit, OnModuleDestroy {
    readonly #logger = new Logger('SftpBackendController');
    #served: ServedBackend | undefined;

    constructor(
      @Inject(token) private readonly backend: SftpBackend,
      private readonly modules: ModulesContainer,
    ) {}

    onModuleInit(): void {
      assertOnlyOne(this.modules, checked.pattern);
      const strategies = new OpenFileStrategies(checked.openFiles);
      this.#served = new ServedBackend(strategies.randomAccess(this.backend), checked);
    }

    /** In the first phase: a backend may let go of its own resources in the last one. */
    async onModuleDestroy(): Promise<void> {
      await this.#served?.stop();
    }

    answer(operation: Operation, message: unknown): Promise<Answer> | Answer {
      if (this.#served !== undefined) return this.#served.answer(operation, message);
      this.#logger.error(
        `${patternOf(checked.pattern, operation)} cannot be served: the application has not been initialised ` +
          'yet, or the backend is request-scoped and must be a singleton',
      );
      return failureAnswer(new SftpError('EIO'));
    }
  }

  Reflect.defineMetadata(SERVED_PATTERN, checked.pattern, ServingController);
  for (const operation of OPERATIONS) addHandler(ServingController, checked.pattern, operation);
  return ServingController;
}

/** Gives a controller the handler of one message pattern. */
function addHandler(
  { prototype }: { readonly prototype: AnsweringController },
  pattern: string,
  operation: Operation,
): void {
  const descriptor: TypedPropertyDescriptor<Handler> = {
    configurable: true,
    writable: true,
    value(this: AnsweringController, message: unknown) {
      return this.answer(operation, message);
    },
  };
  Object.defineProperty(prototype, operation, descriptor);
  MessagePattern(patternOf(pattern, operation))(prototype, operation, descriptor);
}

interface AnsweringController {
  answer(operation: Operation, message: unknown): Promise<Answer> | Answer;
}

type Handler = (this: AnsweringController, message: unknown) => Promise<Answer> | Answer;

/**
 * Of two controllers with one pattern Nest would hear the last one only, so that one backend silently gets what is
 * meant for the other.
 */
function assertOnlyOne(modules: ModulesContainer, pattern: string): void {
  const serving = [...modules.values()]
    .flatMap((module) => [...module.controllers.values()])
    .filter(
      ({ metatype }) =>
        typeof metatype === 'function' && Reflect.getMetadata(SERVED_PATTERN, metatype) === pattern,
    );
  if (serving.length > 1) {
    throw new Error(
      `SftpBackendController: ${serving.length} controllers serve the pattern '${pattern}'; ` +
        "give each its own in the option 'pattern', and its clients the same",
    );
  }
}
